// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  down_write,
  might_sleep,
  mutex,
  mutex_lock,
  oops,
  rw_semaphore,
  spin_lock,
  spin_lock_irqsave,
  spin_unlock_irqrestore,
  spinlock,
  up_write,
} from '../src/index.ts'
import type { Machine } from '../src/index.ts'
import { consoleOf, eventsOf, run } from '../src/testing.ts'
import { boot, it } from './support.ts'

describe('a call that may sleep', () => {
  it('is reported under a spinlock with interrupts off, each time, with the held locks', ({ machine }) => {
    const spin = new spinlock('devdata_mutex')
    const rwsem = new rw_semaphore('rwsem')
    const lines = consoleOf(machine, () => {
      run(machine, function removing_function() {
        spin_lock_irqsave(spin)
        down_write(rwsem)
        up_write(rwsem)
        might_sleep('mm/slab.h:421')
        spin_unlock_irqrestore(spin)
      })
    })
    expect(lines.slice(0, 4)).toEqual([
      'BUG: sleeping function called from invalid context at kernel/locking/rwsem.c:69',
      'in_atomic(): 1, irqs_disabled(): 1, pid: 2, name: test',
      '1 lock held by test/2:',
      ' #0: (devdata_mutex), at: removing_function',
    ])
    expect(lines.find((line) => line.startsWith('CPU:'))).toBe('CPU: 0 PID: 2 Comm: test Not tainted 4.18.0')
    expect(lines).toContain('BUG: sleeping function called from invalid context at mm/slab.h:421')
    expect(lines.findLast((line) => line.startsWith('CPU:'))).toMatch(
      /Comm: test Tainted: G {8}W {8} 4\.18\.0$/,
    )
    expect(eventsOf(machine, 'lock.report')).toMatchObject(
      new Array(2).fill({
        report: 'sleep-in-atomic',
        function: 'removing_function',
        lock: 'devdata_mutex',
        holder: 'removing_function',
      }),
    )
  })

  it('names the function that took the innermost atomic lock, however far out in the call chain', () => {
    const machine = boot()
    const taken = new spinlock('often', { fleeting: true })
    run(machine, function outermost_function() {
      spin_lock(new spinlock('outer'))
      const middle_function = (): void => {
        mutex_lock(new mutex('mutex'))
        might_sleep('x.c:1')
        spin_lock(taken)
        might_sleep('x.c:2')
      }
      middle_function()
    })
    expect(eventsOf(machine, 'lock.report').map(({ lock, holder }) => [lock, holder])).toEqual([
      ['outer', 'outermost_function'],
      ['outer', 'outermost_function'],
      // The function that takes a fleeting lock is not recorded.
      ['often', null],
    ])
  })

  it('lists all held locks in the order in which they were taken', ({ machine }) => {
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        mutex_lock(new mutex('outer'))
        spin_lock(new spinlock('inner'))
        might_sleep('x.c:1')
      })
    })
    expect(lines.slice(1, 5)).toEqual([
      'in_atomic(): 1, irqs_disabled(): 0, pid: 2, name: test',
      '2 locks held by test/2:',
      ' #0: (outer), at: ?',
      ' #1: (inner), at: ?',
    ])
  })

  it('reports that lockdep is off if it is off', ({ machine }) => {
    machine.task('test', () => oops('x'))
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        spin_lock(new spinlock('lock'))
        might_sleep('x.c:1')
      })
    })
    expect(lines[2]).toBe('INFO: lockdep is turned off.')
  })

  it('is recorded but not printed in a kernel without that check', () => {
    const machine = boot({ lockDebugging: false })
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        spin_lock(new spinlock('lock'))
        might_sleep('x.c:1')
      })
    })
    expect(lines).toEqual([])
    expect(eventsOf(machine, 'lock.report')).toMatchObject([{ report: 'sleep-in-atomic' }])
  })

  it('is not reported where sleeping is allowed', ({ machine }) => {
    run(machine, () => {
      mutex_lock(new mutex('lock'))
      might_sleep('x.c:1')
    })
    expect(eventsOf(machine, 'lock.report')).toEqual([])
  })

  it('is not reported while the machine is inspected', ({ machine }) => {
    run(machine, () => {
      spin_lock(new spinlock('lock'))
      machine.inspect(() => {
        might_sleep('x.c:1')
      })
    })
    expect(eventsOf(machine, 'lock.report')).toEqual([])
  })
})

describe('a task that goes to sleep under a spinlock', () => {
  function sleepUnderSpinlock(machine: Machine): string[] {
    const spin = new spinlock('devdata_mutex')
    const taken = new mutex('taken')
    machine.task('init', () => {
      mutex_lock(taken)
      mutex_lock(taken)
    })
    return consoleOf(machine, () => {
      machine.task('init', function sleeping_function() {
        spin_lock(spin)
        mutex_lock(taken)
      })
    })
  }

  it('is reported as scheduling while atomic, with a count that includes the scheduler’s own', () => {
    const machine = boot()
    const lines = sleepUnderSpinlock(machine)
    expect(lines).toContain('BUG: scheduling while atomic: init/3/0x00000002')
    expect(lines).toContain('INFO: lockdep is turned off.')
    expect(eventsOf(machine, 'lock.report').at(-1)).toMatchObject({
      report: 'scheduling-while-atomic',
      function: 'sleeping_function',
    })
  })

  it('is not reported by a kernel without preemption counting', () => {
    const machine = boot({ lockDebugging: false })
    const lines = sleepUnderSpinlock(machine)
    expect(lines.some((line) => line.startsWith('BUG:'))).toBe(false)
    expect(lines[0]).toBe('INFO: task init:3 blocked for more than 10 seconds.')
  })
})
