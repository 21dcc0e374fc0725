// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { event, findingsOf, runOf, saysOf } from '../support.ts'

describe('deadlock', () => {
  it('fires when a task waits for ever, and says who holds the lock', () => {
    const hang = event('hang', { lock: 'of_mutex', holder: 'init/8, which an Oops killed', held: [] })
    expect(saysOf('deadlock', runOf([{}], [hang]))).toEqual([
      {
        subject: 'of_mutex',
        kind: 'waits-forever',
        data: { task: 'init/1', holder: 'init/8, which an Oops killed' },
      },
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
