// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { toDiffText, toRunText } from '../src/index.ts'
import { control, finding, hostile, run, saying } from './support.ts'

describe('one run as text', () => {
  it('shows the outcome, the results of the steps, the console and the findings with evidence', () => {
    expect(toRunText(run, [finding()], { trace: false })).toBe(`once: completed
step 0: boot -> completed
step 1: migrate (one ADD per node) -> ok

console:
  a line

1 finding:
leak  /x[0]  (step 1)
    detached, with 2 references taken for f and not dropped (2 in all)
    taken for f: f < h < vfs_write
`)
    expect(toRunText(run, [], { trace: false })).toMatch(/\nno findings\n$/)
  })

  it('names the function that the engine does not have, and its callers', () => {
    const chain = [{ function: 'post_mobility_fixup', file: 'mobility.c', line: 3 }]
    const cut: RunRecord = {
      ...run,
      outcome: 'unmodelled',
      unmodelled: { function: 'setup_entry_flush', chain },
    }
    expect(toRunText(cut, [], { trace: false })).toMatch(
      /^once: unmodelled\n {2}setup_entry_flush is not modelled; called by post_mobility_fixup/,
    )
  })

  it('says that the machine ran out of memory', () => {
    expect(toRunText({ ...run, outcome: 'unmodelled' }, [], { trace: false })).toMatch(
      /^once: unmodelled\n {2}the machine ran out of memory\n/,
    )
  })

  it('with a trace, shows every event below its step, with fields and call chain', () => {
    expect(toRunText(run, [], { trace: true })).toContain(`step 0: boot -> completed
     0  ref.get  object=a#1 before=1 after=2  [swapper/1]
         by of_node_get < f
step 1: migrate (one ADD per node) -> ok
     1  use-after-free  object=a#1 struct=device_node field=name access=read allocatedBy=kzalloc < f freedBy=kfree < g  [init/8]

console:`)
  })

  it('sends only text from a patch to the terminal', () => {
    const frame = { function: hostile, file: `a/${hostile}`, line: 1 }
    const poisoned: RunRecord = {
      ...run,
      steps: run.steps.map((step) => ({
        ...step,
        step: { read: [hostile] },
        result: { kind: 'read', files: [{ path: hostile, content: hostile, errno: 0 }] },
        failure: { chain: [frame] },
      })),
      events: [
        {
          type: 'oops',
          seq: 0,
          step: 0,
          task: hostile,
          chain: [frame],
          function: hostile,
          reason: hostile,
          held: [hostile],
        },
      ],
      console: [hostile],
    }
    const text = toRunText(poisoned, [saying(`${hostile}\n`)], { trace: true })
    expect(text).not.toMatch(control)
    expect(text.match(/\\u001b\]0;title/g)).toHaveLength(18)
  })
})

describe('runs of two engines', () => {
  /** A run with events of a node. */
  const ofNode: RunRecord = {
    ...run,
    events: run.events.map((event) => ('object' in event ? { ...event, object: 'device_node#1' } : event)),
  }

  it('are equal if the same happens to nodes and devices, whatever the positions of the functions', () => {
    const moved: RunRecord = {
      ...ofNode,
      events: ofNode.events.map((event) => ({
        ...event,
        chain: event.chain.map((frame) => ({ ...frame, file: 'a.c', line: 7 })),
      })),
    }
    expect(toDiffText('once', { name: 'a', run: ofNode }, { name: 'b', run: moved })).not.toContain(
      'The same happens',
    )
    const text = toDiffText('once', { name: 'a', run: ofNode }, { name: 'b', run: moved }, true)
    expect(text).toContain('The same happens in once.')
    expect(text).toContain('a ends in completed: 2 lines')
  })

  it('are equal if they differ only in objects that each engine numbers differently', () => {
    const text = toDiffText('once', { name: 'a', run }, { name: 'b', run: { ...run, events: [] } }, true)
    expect(text).toContain('The same happens in once.')
  })

  it('differ in the events that only one of them has', () => {
    const quiet: RunRecord = {
      ...ofNode,
      events: ofNode.events.filter(({ type }) => type !== 'use-after-free'),
    }
    const text = toDiffText('once', { name: 'a', run: ofNode }, { name: 'b', run: quiet }, true)
    expect(text).toContain('1 steps and events are only in the first, 0 only in the second')
    expect(text).toContain('- use-after-free')
  })
})
