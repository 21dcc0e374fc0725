// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { event, findingsOf, runOf, saysOf } from '../support.ts'

describe('deadlock', () => {
  it('fires when a task waits forever, and says who holds the lock', () => {
    const hang = event('hang', { lock: 'of_mutex', holder: 'init/8, which an Oops killed', held: [] })
    expect(saysOf('deadlock', runOf([{}], [hang]))).toEqual([
      {
        subject: 'of_mutex',
        kind: 'waits-forever',
        data: { task: 'init/1', holder: 'init/8, which an Oops killed' },
      },
    ])
  })

  it('fires once for a lock that several tasks wait for, in the step in which the first one began to wait', () => {
    const hang = (task: string, step: number) =>
      event('hang', { lock: 'of_mutex', holder: 'init/8', held: [], task }, step)
    expect(findingsOf('deadlock', runOf([{}], [hang('init/1', 2), hang('init/2', 3)]))).toMatchObject([
      { subject: 'of_mutex', step: 2, count: 2, data: { task: 'init/1' } },
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
