// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import {
  blocking_notifier_call_chain,
  blocking_notifier_chain_register,
  blocking_notifier_chain_unregister,
  blocking_notifier_head,
  EBUSY,
  ENOENT,
  EPERM,
  mutex,
  mutex_lock,
  NOTIFY_BAD,
  NOTIFY_DONE,
  NOTIFY_OK,
  NOTIFY_STOP,
  notifier_block,
  notifier_from_errno,
  notifier_to_errno,
  type Machine,
} from '../src/index.ts'
import { eventsOf, run } from '../src/testing.ts'
import { boot, it } from './support.ts'

type Head = blocking_notifier_head<string>

/** A block whose callback logs a name. */
function block(log: string[], name: string, priority = 0, result = NOTIFY_OK): notifier_block<string> {
  return new notifier_block((_nb, action, data) => {
    log.push(`${name} ${String(action)} ${data}`)
    return result
  }, priority)
}

function callOn(machine: Machine, head: Head, data = 'x'): number {
  return run(machine, () => blocking_notifier_call_chain(head, 1, data))
}

describe('a blocking notifier chain', () => {
  it('calls blocks by descending priority, then in order of registration', ({ machine }) => {
    const log: string[] = []
    const head: Head = new blocking_notifier_head('chain')
    run(machine, () => {
      blocking_notifier_chain_register(head, block(log, 'b', 0))
      blocking_notifier_chain_register(head, block(log, 'd', -5))
      blocking_notifier_chain_register(head, block(log, 'a', 7))
      blocking_notifier_chain_register(head, block(log, 'c', 0))
    })
    expect(callOn(machine, head)).toBe(NOTIFY_OK)
    expect(log).toEqual(['a 1 x', 'b 1 x', 'c 1 x', 'd 1 x'])
  })

  it('stays sorted by priority, with a stable order, after any registrations', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 12 }), (priorities) => {
        const machine = boot({}, { callChains: false })
        const log: string[] = []
        const head: Head = new blocking_notifier_head('chain')
        run(machine, () => {
          for (const [index, priority] of priorities.entries()) {
            blocking_notifier_chain_register(head, block(log, String(index), priority))
          }
        })
        callOn(machine, head, '')
        const expected = [...priorities.entries()].sort(([, a], [, b]) => b - a).map(([index]) => index)
        expect(log.map((line) => Number.parseInt(line, 10))).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })

  it('stops at the first callback that asks for it, and returns its result', ({ machine }) => {
    const log: string[] = []
    const head: Head = new blocking_notifier_head('chain')
    run(machine, () => {
      blocking_notifier_chain_register(head, block(log, 'a', 0, NOTIFY_DONE))
      blocking_notifier_chain_register(head, block(log, 'b', 0, NOTIFY_STOP))
      blocking_notifier_chain_register(head, block(log, 'c'))
    })
    expect(callOn(machine, head)).toBe(NOTIFY_STOP)
    expect(log).toEqual(['a 1 x', 'b 1 x'])
  })

  it('returns NOTIFY_DONE without taking its lock if it is empty', ({ machine }) => {
    const head: Head = new blocking_notifier_head('chain')
    run(machine, () => {
      head.rwsem.writer = true
      expect(blocking_notifier_call_chain(head, 1, 'x')).toBe(NOTIFY_DONE)
    })
  })

  it('records each call with its callback, action and result', ({ machine }) => {
    const head: Head = new blocking_notifier_head('of_reconfig_chain')
    run(machine, () => {
      blocking_notifier_chain_register(
        head,
        new notifier_block(function nx842_OF_notifier() {
          return NOTIFY_BAD
        }),
      )
      blocking_notifier_call_chain(head, 5, 'x')
    })
    expect(eventsOf(machine, 'notifier.call')).toMatchObject([
      { head: 'of_reconfig_chain', callback: 'nx842_OF_notifier', action: 5, result: NOTIFY_BAD },
    ])
  })

  it('unregisters a block at any position, and returns -ENOENT for an unknown block', ({ machine }) => {
    const log: string[] = []
    const head: Head = new blocking_notifier_head('chain')
    const [a, b, c] = [block(log, 'a'), block(log, 'b'), block(log, 'c')]
    run(machine, () => {
      for (const nb of [a, b, c]) blocking_notifier_chain_register(head, nb)
      expect(blocking_notifier_chain_unregister(head, b)).toBe(0)
      expect(blocking_notifier_chain_unregister(head, a)).toBe(0)
      expect(blocking_notifier_chain_unregister(head, a)).toBe(-ENOENT)
      blocking_notifier_call_chain(head, 1, 'x')
      expect(blocking_notifier_chain_unregister(head, c)).toBe(0)
      expect(blocking_notifier_chain_unregister(head, c)).toBe(-ENOENT)
    })
    expect(log).toEqual(['c 1 x'])
  })

  it('can be called again by one of its callbacks', () => {
    const machine = boot({ lockDebugging: false })
    const log: string[] = []
    const head: Head = new blocking_notifier_head('chain')
    run(machine, () => {
      blocking_notifier_chain_register(
        head,
        new notifier_block<string>((_nb, _action, data) => {
          log.push(data)
          return data === 'again' ? NOTIFY_OK : blocking_notifier_call_chain(head, 1, 'again')
        }),
      )
    })
    callOn(machine, head)
    expect(log).toEqual(['x', 'again'])
  })
})

describe('a callback that changes its own chain', () => {
  it.each<[string, (head: Head, nb: notifier_block<string>) => void]>([
    ['registers another block', (head) => blocking_notifier_chain_register(head, block([], 'other'))],
    ['unregisters itself', (head, nb) => blocking_notifier_chain_unregister(head, nb)],
  ])('and %s waits forever for itself', (_what, change) => {
    const machine = boot()
    const head: Head = new blocking_notifier_head('of_reconfig_chain')
    run(machine, () => {
      blocking_notifier_chain_register(
        head,
        new notifier_block((nb) => {
          change(head, nb)
          return NOTIFY_OK
        }),
      )
    })
    expect(machine.task('init', () => blocking_notifier_call_chain(head, 2, 'x'))).toBeNull()
    expect(machine.outcome).toBe('deadlock')
    expect(eventsOf(machine, 'hang')).toMatchObject([
      {
        lock: '(of_reconfig_chain).rwsem',
        holder: 'its own call chain',
        held: ['(of_reconfig_chain).rwsem'],
      },
    ])
    expect(machine.console).toContain('WARNING: possible recursive locking detected')
  })

  it('leaves the chain read-locked if it dies, so that every later registration blocks', ({ machine }) => {
    const head: Head = new blocking_notifier_head('chain')
    const lock = new mutex('lock')
    run(machine, () => {
      blocking_notifier_chain_register(
        head,
        new notifier_block(() => {
          mutex_lock(lock)
          mutex_lock(lock)
          return NOTIFY_OK
        }),
      )
    })
    machine.task('init', () => blocking_notifier_call_chain(head, 1, 'x'))
    expect(machine.task('insmod', () => blocking_notifier_chain_register(head, block([], 'b')))).toBeNull()
    expect(eventsOf(machine, 'hang').at(-1)).toMatchObject({ holder: 'init/3, which waits as well' })
  })
})

describe('a block that is registered twice', () => {
  it('follows itself if it was the last: the next call loops forever', ({ machine }) => {
    const head: Head = new blocking_notifier_head('of_reconfig_chain')
    const nb = block([], 'a')
    run(machine, () => {
      expect(blocking_notifier_chain_register(head, nb)).toBe(0)
      expect(blocking_notifier_chain_register(head, nb)).toBe(0)
    })
    expect(nb.next).toBe(nb)
    expect(machine.task('init', () => blocking_notifier_call_chain(head, 1, 'x'))).toBeNull()
    expect(machine.outcome).toBe('deadlock')
    expect(machine.console).toContain('watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [init:3]')
    expect(eventsOf(machine, 'hang')).toMatchObject([
      { lock: 'of_reconfig_chain', holder: 'its own call chain', held: ['(of_reconfig_chain).rwsem'] },
    ])
  })

  it.each([
    ['the next registration', blocking_notifier_chain_register],
    ['the removal of another block', blocking_notifier_chain_unregister],
  ])('makes %s loop forever as well', (_what, change) => {
    const machine = boot()
    const head: Head = new blocking_notifier_head('chain')
    const nb = block([], 'a')
    run(machine, () => {
      blocking_notifier_chain_register(head, nb)
      blocking_notifier_chain_register(head, nb)
    })
    expect(machine.task('insmod', () => change(head, block([], 'b')))).toBeNull()
    expect(machine.outcome).toBe('deadlock')
  })

  it('cuts off the blocks after it', ({ machine }) => {
    const log: string[] = []
    const head: Head = new blocking_notifier_head('chain')
    const [a, b] = [block(log, 'a'), block(log, 'b')]
    run(machine, () => {
      for (const nb of [a, b, a]) blocking_notifier_chain_register(head, nb)
    })
    callOn(machine, head)
    expect(log).toEqual(['a 1 x'])
  })
})

describe('notifier_to_errno', () => {
  it.each([
    [NOTIFY_DONE, 0],
    [NOTIFY_OK, 0],
    [NOTIFY_STOP, 0],
    [NOTIFY_BAD, -EPERM],
  ])('of %i is %i', (result, error) => {
    expect(notifier_to_errno(result)).toBe(error)
  })

  it('reverses notifier_from_errno for every errno; such a result also stops the chain', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4095 }), (error) => {
        const result = notifier_from_errno(-error)
        expect(notifier_to_errno(result)).toBe(-error)
        expect(result & 0x8000).not.toBe(0)
      }),
    )
    expect(notifier_from_errno(0)).toBe(NOTIFY_OK)
    expect(notifier_to_errno(notifier_from_errno(-EBUSY))).toBe(-EBUSY)
  })
})
