// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { toDiffText, toRunText } from '../src/index.ts'
import { control, finding, hostile, run, saying } from './support.ts'

describe('one run as text', () => {
  it('tells the outcome, the results of the steps, the console and the findings with their evidence', () => {
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

  it('with a trace shows every event below its step, with its fields and its call chain', () => {
    expect(toRunText(run, [], { trace: true })).toContain(`step 0: boot -> completed
     0  ref.get  object=a#1 before=1 after=2  [swapper/1]
         by of_node_get < f
step 1: migrate (one ADD per node) -> ok
     1  use-after-free  object=a#1 struct=device_node field=name access=read allocatedBy=kzalloc < f freedBy=kfree < g  [init/8]

console:`)
  })

  it('sends nothing of a patch to the terminal but text', () => {
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

  it('are the same where the same happens to nodes and devices, wherever the functions of each stand', () => {
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

  it('do not differ in objects that each counts by itself', () => {
    const text = toDiffText('once', { name: 'a', run }, { name: 'b', run: { ...run, events: [] } }, true)
    expect(text).toContain('The same happens in once.')
  })

  it('differ in what only one of them does', () => {
    const quiet: RunRecord = {
      ...ofNode,
      events: ofNode.events.filter(({ type }) => type !== 'use-after-free'),
    }
    const text = toDiffText('once', { name: 'a', run: ofNode }, { name: 'b', run: quiet }, true)
    expect(text).toContain('1 steps and events are only in the first, 0 only in the second')
    expect(text).toContain('- use-after-free')
  })
})
