// SPDX-License-Identifier: GPL-2.0-only
import type { EventOf } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { chainOf, event, findingsOf, runOf, saysOf, type EventSketch } from '../support.ts'

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

  it('fires when a function that may sleep ran in atomic context, and names the lock', () => {
    const said = [
      { lock: 'lock', holder: 'f' },
      { lock: 'devtree_lock', holder: null },
      { lock: '', holder: null },
    ].flatMap((context) => saysOf('sleep-in-atomic', runOf([{}], [report('sleep-in-atomic', context)])))
    expect(said).toEqual([
      { subject: 'mutex_lock', kind: 'may-sleep', data: { lock: 'lock', holder: 'f' } },
      { subject: 'mutex_lock', kind: 'may-sleep', data: { lock: 'devtree_lock', holder: null } },
      { subject: 'mutex_lock', kind: 'may-sleep', data: { lock: '', holder: null } },
    ])
  })

  it('fires once per function, whatever the lock', () => {
    const events = ['a', 'b'].map((lock) => report('sleep-in-atomic', { lock, holder: null }))
    expect(findingsOf('sleep-in-atomic', runOf([{}], events))).toMatchObject([
      { subject: 'mutex_lock', count: 2, data: { lock: 'a' } },
    ])
  })

  it('is silent about other reports of the lock checks', () => {
    expect(findingsOf('sleep-in-atomic', runOf([{}], [report('recursive-locking')]))).toEqual([])
  })
})
