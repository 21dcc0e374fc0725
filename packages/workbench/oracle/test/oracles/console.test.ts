// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { chainOf, device, event, findingsOf, node, runOf, type EventSketch } from '../support.ts'

describe('console', () => {
  const line = (level: number, text: string): EventSketch => event('printk', { level, text })
  const linesOf = (run: RunRecord): unknown[] =>
    findingsOf('console', run).map(({ data }) => ('line' in data ? data.line : null))

  it('names the nodes and devices that a line mentions', () => {
    const states = [{ nodes: [node('n', { path: '/a/x,y', sysfs: 'x,y' })], vio: [device('z', 'n')] }]
    const run = runOf(states, [line(3, 'OF: ERROR: Bad of_node_put() on /a/x,y')])
    expect(findingsOf('console', run)).toMatchObject([{ data: { names: ['/a/x,y', 'x,y'] } }])
  })

  it('fires on lines at level error and worse', () => {
    expect(linesOf(runOf([{}], [line(3, 'OF: no handle'), line(0, 'watchdog: BUG: soft lockup')]))).toEqual([
      'OF: no handle',
      'watchdog: BUG: soft lockup',
    ])
  })

  it('is silent about warnings, notices and the details of a report', () => {
    const events = [
      line(4, 'Call Trace:'),
      line(6, 'Duplicate name in base, renamed to "x#1"'),
      line(3, '===================='),
      line(3, '      Not tainted 4.18.0'),
      line(1, 'Oops: Kernel access of bad area, sig: 11 [#1]'),
    ]
    expect(findingsOf('console', runOf([{}], events))).toEqual([])
  })

  it('fires on a lockdep report at level warning, and reports a WARN only through its event', () => {
    const events = [
      line(4, 'WARNING: bad unlock balance detected!'),
      line(4, 'WARNING: CPU: 0 PID: 2 at drivers/of/dynamic.c:252 __of_detach_node'),
    ]
    expect(findingsOf('console', runOf([{}], events))).toMatchObject([
      { subject: 'WARNING: bad unlock balance detected!' },
    ])
  })

  it('is silent about a task that reports a failed allocation', () => {
    const short = event('alloc.failed', { struct: 'bytes' })
    const said = line(3, 'Post-mobility device tree update failed: -12')
    expect(findingsOf('console', runOf([{}], [short, said]))).toEqual([])
    const warned = event('warn', { file: 'a.c', line: 1, function: 'f', text: '' })
    for (const other of [{ ...said, step: 2 }, { ...said, task: 'init/2' }, warned]) {
      expect(findingsOf('console', runOf([{}], [short, other]))).toHaveLength(1)
    }
    expect(findingsOf('console', runOf([{}], [said, short]))).toHaveLength(1)
  })

  it('is silent about a function that reports a call refused by firmware', () => {
    const refused = event('rtas.call', {
      service: 's',
      status: -1,
      chain: chainOf('rtas_call < suspend < store'),
    })
    const said = { ...line(3, 'Error doing global join'), chain: chainOf('printk < suspend < store') }
    expect(findingsOf('console', runOf([{}], [refused, said]))).toEqual([])
    for (const other of [
      { ...said, step: 2 },
      { ...said, task: 'init/2' },
      { ...said, chain: chainOf('printk < f') },
    ]) {
      expect(findingsOf('console', runOf([{}], [refused, other]))).toHaveLength(1)
    }
    expect(findingsOf('console', runOf([{}], [said, refused]))).toHaveLength(1)
    expect(findingsOf('console', runOf([{}], [{ ...refused, status: 1 }, said]))).toHaveLength(1)
  })

  it('counts lines that differ only in process numbers as the same', () => {
    const blocked = (pid: string): EventSketch =>
      line(3, `INFO: task init:${pid} blocked for more than 10 seconds.`)
    expect(findingsOf('console', runOf([{}], [blocked('8'), blocked('11')]))).toMatchObject([
      { subject: 'INFO: task init:N blocked for more than 10 seconds.', count: 2 },
    ])
  })

  it('has one finding for all WARNs at one place, and one for an Oops', () => {
    const warn = event('warn', {
      file: 'lib/refcount.c',
      line: 153,
      function: 'refcount_inc',
      text: 'refcount_t: x',
    })
    const events = [warn, warn, event('oops', { function: 'kernfs_find_ns', reason: 'r', held: [] })]
    expect(linesOf(runOf([{}], events))).toEqual([
      'WARNING at lib/refcount.c refcount_inc: refcount_t: x',
      'Oops in kernfs_find_ns',
    ])
  })
})
