// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { event, findingsOf, runOf, saysOf } from '../support.ts'

describe('oops', () => {
  const died = {
    function: 'kernfs_find_ns',
    reason: 'Unable to handle kernel paging request',
    held: ['of_mutex'],
  }

  it('fires when a task died, and names the locks that it held', () => {
    expect(saysOf('oops', runOf([{}], [event('oops', died)]))).toEqual([
      {
        subject: 'kernfs_find_ns',
        kind: 'task-killed',
        data: { reason: died.reason, held: ['of_mutex'] },
      },
    ])
    expect(saysOf('oops', runOf([{}], [event('oops', { ...died, held: [] })]))).toEqual([
      { subject: 'kernfs_find_ns', kind: 'task-killed', data: { reason: died.reason, held: [] } },
    ])
  })

  it('fires once for each function in which tasks died, with the count', () => {
    const events = [event('oops', died), event('oops', { ...died, function: 'strcmp' }), event('oops', died)]
    expect(findingsOf('oops', runOf([{}], events))).toMatchObject([
      { subject: 'kernfs_find_ns', count: 2, evidence: [{ seq: 0 }, { seq: 2 }] },
      { subject: 'strcmp', count: 1 },
    ])
  })

  it('is silent about a warning', () => {
    expect(
      findingsOf('oops', runOf([{}], [event('warn', { function: 'kernfs_find_ns', text: '' })])),
    ).toEqual([])
  })
})
