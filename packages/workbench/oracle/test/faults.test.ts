// SPDX-License-Identifier: GPL-2.0-only
import type { EventOf } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { chainOf, event, findingsOf, node, runOf, saysOf, type EventSketch } from './support.ts'

describe('use-after-free', () => {
  const touched = (fields: Partial<EventOf<'use-after-free'>>): EventSketch =>
    event('use-after-free', {
      object: 'n',
      struct: 'device_node',
      field: 'phandle',
      access: 'read',
      allocatedBy: chainOf('kzalloc < dlpar_parse_cc_node'),
      freedBy: chainOf('kfree < of_node_release'),
      chain: chainOf('of_find_node_by_phandle < delete_dt_node'),
      ...fields,
    })

  it('fires on an access to freed memory, and says who touched and who freed it', () => {
    const run = runOf([{ nodes: [node('n', { life: 'freed', inTree: false })] }], [touched({}), touched({})])
    expect(findingsOf('use-after-free', run)).toMatchObject([
      {
        subject: '/x[0]',
        count: 2,
        message: 'read after its free by of_find_node_by_phandle, freed by of_node_release (2 times)',
        evidence: [
          { text: 'read of device_node.phandle', chain: chainOf('of_find_node_by_phandle < delete_dt_node') },
          { text: 'read of device_node.phandle' },
        ],
      },
    ])
  })

  it('names memory that is no node by who allocated it', () => {
    const bytes = touched({
      object: 'bytes#7',
      struct: 'bytes',
      field: '3',
      allocatedBy: chainOf('kstrdup < safe_name'),
    })
    expect(saysOf('use-after-free', runOf([{}], [bytes]))).toEqual([
      'bytes allocated by safe_name: read after its free by of_find_node_by_phandle, freed by of_node_release',
    ])
  })

  it('fires on a second free', () => {
    const twice = event('double-free', {
      object: 'vio_dev#1',
      allocatedBy: chainOf('kzalloc < vio_register_device_node'),
      freedBy: chainOf('kfree < vio_dev_release'),
      chain: chainOf('kfree < vio_dev_release'),
    })
    expect(saysOf('use-after-free', runOf([{}], [twice]))).toEqual([
      'vio_dev#1: freed again by vio_dev_release, freed by vio_dev_release',
    ])
  })

  it('is silent about memory that is freed once', () => {
    expect(
      findingsOf('use-after-free', runOf([{}], [event('free', { object: 'n', struct: 'device_node' })])),
    ).toEqual([])
  })
})

describe('oops', () => {
  const died = {
    function: 'kernfs_find_ns',
    reason: 'Unable to handle kernel paging request',
    held: ['of_mutex'],
  }

  it('fires when a task died, and says which locks it took with it', () => {
    expect(saysOf('oops', runOf([{}], [event('oops', died)]))).toEqual([
      'kernfs_find_ns: Unable to handle kernel paging request; it held of_mutex',
    ])
    expect(saysOf('oops', runOf([{}], [event('oops', { ...died, held: [] })]))).toEqual([
      'kernfs_find_ns: Unable to handle kernel paging request',
    ])
  })

  it('is silent about a warning', () => {
    expect(
      findingsOf('oops', runOf([{}], [event('warn', { function: 'kernfs_find_ns', text: '' })])),
    ).toEqual([])
  })
})

describe('deadlock', () => {
  it('fires when a task waits for ever, and says who holds the lock', () => {
    const hang = event('hang', { lock: 'of_mutex', holder: 'init/8, which an Oops killed', held: [] })
    expect(saysOf('deadlock', runOf([{}], [hang]))).toEqual([
      'of_mutex: init/1 waits for ever; held by init/8, which an Oops killed',
    ])
  })

  it('is silent about a warning that a lock is taken in both orders', () => {
    const report = event('lock.report', {
      report: 'lock-order',
      lock: 'of_mutex',
      function: 'of_attach_node',
      holder: null,
    })
    expect(findingsOf('deadlock', runOf([{}], [report]))).toEqual([])
  })
})

describe('sleep-in-atomic', () => {
  const report = (
    what: EventOf<'lock.report'>['report'],
    context: { lock: string; holder: string | null } = { lock: 'lock', holder: 'f' },
  ): EventSketch =>
    event('lock.report', {
      report: what,
      ...context,
      function: 'mutex_lock',
      chain: chainOf('mutex_lock < g < f < vfs_write'),
    })

  it('fires when something that may sleep ran where it must not, and says under what', () => {
    const said = [
      { lock: 'lock', holder: 'f' },
      { lock: 'devtree_lock', holder: null },
      { lock: '', holder: null },
    ].flatMap((context) => saysOf('sleep-in-atomic', runOf([{}], [report('sleep-in-atomic', context)])))
    expect(said).toEqual([
      'mutex_lock: may sleep, called under lock, taken by f',
      'mutex_lock: may sleep, called under devtree_lock',
      'mutex_lock: may sleep, called with interrupts off',
    ])
  })

  it('is silent about other reports of the lock checks', () => {
    expect(findingsOf('sleep-in-atomic', runOf([{}], [report('recursive-locking')]))).toEqual([])
  })
})

describe('console', () => {
  const line = (level: number, text: string): EventSketch => event('printk', { level, text })

  it('fires on lines at level error and worse', () => {
    expect(
      saysOf('console', runOf([{}], [line(3, 'OF: no handle'), line(0, 'watchdog: BUG: soft lockup')])),
    ).toEqual(['OF: no handle: OF: no handle', 'watchdog: BUG: soft lockup: watchdog: BUG: soft lockup'])
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

  it('fires on what lockdep reports as a warning, and leaves a WARN to the event that it is', () => {
    const events = [
      line(4, 'WARNING: bad unlock balance detected!'),
      line(4, 'WARNING: CPU: 0 PID: 2 at drivers/of/dynamic.c:252 __of_detach_node'),
    ]
    expect(findingsOf('console', runOf([{}], events))).toMatchObject([
      { subject: 'WARNING: bad unlock balance detected!' },
    ])
  })

  it('is silent about a task that says what it could not do without the memory that it was refused', () => {
    const short = event('alloc.failed', { struct: 'bytes' })
    const said = line(3, 'Post-mobility device tree update failed: -12')
    expect(findingsOf('console', runOf([{}], [short, said]))).toEqual([])
    const warned = event('warn', { file: 'a.c', line: 1, function: 'f', text: '' })
    for (const other of [{ ...said, step: 2 }, { ...said, task: 'init/2' }, warned]) {
      expect(findingsOf('console', runOf([{}], [short, other]))).toHaveLength(1)
    }
    expect(findingsOf('console', runOf([{}], [said, short]))).toHaveLength(1)
  })

  it('is silent about a function that says that firmware refused its call', () => {
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

  it('counts what differs only in numbers of processes as the same', () => {
    const blocked = (pid: string): EventSketch =>
      line(3, `INFO: task init:${pid} blocked for more than 10 seconds.`)
    expect(findingsOf('console', runOf([{}], [blocked('8'), blocked('11')]))).toMatchObject([
      { subject: 'INFO: task init:N blocked for more than 10 seconds.', count: 2 },
    ])
  })

  it('has one finding for a WARN at one place, however often, and one for an Oops', () => {
    const warn = event('warn', {
      file: 'lib/refcount.c',
      line: 153,
      function: 'refcount_inc',
      text: 'refcount_t: x',
    })
    const events = [warn, warn, event('oops', { function: 'kernfs_find_ns', reason: 'r', held: [] })]
    expect(saysOf('console', runOf([{}], events))).toEqual([
      'WARNING at lib/refcount.c refcount_inc: refcount_t: x: WARNING at lib/refcount.c refcount_inc: refcount_t: x (2 times)',
      'Oops in kernfs_find_ns: Oops in kernfs_find_ns',
    ])
  })
})
