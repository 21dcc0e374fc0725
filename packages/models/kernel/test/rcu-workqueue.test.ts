// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  alloc_ordered_workqueue,
  flush_workqueue,
  mutex,
  mutex_lock,
  mutex_unlock,
  oops,
  queue_work,
  rcu_dereference,
  rcu_read_lock,
  rcu_read_unlock,
  spin_lock,
  spinlock,
  synchronize_rcu,
  work_struct,
} from '../src/index.ts'
import { boot, eventsOf, run } from './support.ts'

describe('synchronize_rcu', () => {
  it('returns when no read section is open', () => {
    const machine = boot()
    run(machine, () => {
      rcu_read_lock()
      expect(rcu_dereference(machine)).toBe(machine)
      rcu_read_unlock()
      synchronize_rcu()
    })
    expect(eventsOf(machine, 'lock.report')).toEqual([])
  })

  it('never returns inside a read section of its own caller, and is a sleep in atomic context', () => {
    const machine = boot()
    const result = machine.task('rmmod', function remove_function() {
      rcu_read_lock()
      rcu_read_lock()
      rcu_read_unlock()
      synchronize_rcu()
    })
    expect(result).toBeNull()
    expect(machine.outcome).toBe('deadlock')
    expect(eventsOf(machine, 'hang')).toMatchObject([{ lock: 'rcu', holder: 'its own call chain', held: [] }])
    expect(machine.console.slice(-7, -4)).toEqual([
      'BUG: sleeping function called from invalid context at kernel/rcu/tree.c:3227',
      'in_atomic(): 1, irqs_disabled(): 0, pid: 2, name: rmmod',
      'CPU: 0 PID: 2 Comm: rmmod Not tainted 4.18.0',
    ])
  })

  it('under a spinlock is a sleep in atomic context', () => {
    const machine = boot()
    run(machine, () => {
      spin_lock(new spinlock('lock'))
      synchronize_rcu()
    })
    expect(eventsOf(machine, 'lock.report')).toMatchObject([
      { report: 'sleep-in-atomic', function: 'synchronize_rcu' },
    ])
  })
})

describe('a workqueue', () => {
  it('runs its work when the machine settles, in order, each in a worker task', () => {
    const machine = boot()
    const order: string[] = []
    run(machine, () => {
      const queue = alloc_ordered_workqueue('vio')
      const first = new work_struct(() => order.push(`first ${String(machine.running?.comm)}`))
      const second = new work_struct(() => order.push('second'))
      expect([queue_work(queue, first), queue_work(queue, second)]).toEqual([true, true])
    })
    expect(order).toEqual([])
    machine.settle()
    expect(order).toEqual(['first kworker/vio', 'second'])
    machine.settle()
    expect(order).toHaveLength(2)
  })

  it('takes work only once while it is pending, and again from within', () => {
    const machine = boot()
    let rounds = 0
    run(machine, () => {
      const queue = alloc_ordered_workqueue('vio')
      const work: work_struct = new work_struct(() => {
        if (++rounds < 3) expect(queue_work(queue, work)).toBe(true)
      })
      expect([queue_work(queue, work), queue_work(queue, work)]).toEqual([true, false])
    })
    machine.settle()
    expect(rounds).toBe(3)
  })

  it('stops for good when its worker dies; other queues go on', () => {
    const machine = boot()
    const done: string[] = []
    run(machine, () => {
      const broken = alloc_ordered_workqueue('broken')
      const other = alloc_ordered_workqueue('other')
      queue_work(
        broken,
        new work_struct(() => oops('Unable to handle kernel paging request for data at address 0x00000000')),
      )
      queue_work(broken, new work_struct(() => done.push('behind')))
      queue_work(other, new work_struct(() => done.push('other')))
    })
    machine.settle()
    machine.settle()
    expect(done).toEqual(['other'])
    expect(machine.outcome).toBe('oops')
  })

  it('flushed has run in the task that waits for it', () => {
    const machine = boot()
    const done: string[] = []
    run(machine, () => {
      const queue = alloc_ordered_workqueue('vio')
      queue_work(queue, new work_struct(() => done.push('work')))
      flush_workqueue(queue)
      flush_workqueue(queue)
      expect(done).toEqual(['work'])
    })
  })

  it('flushed under a lock that its work takes is a dead-lock', () => {
    const machine = boot()
    const lock = new mutex('of_mutex')
    const result = machine.task('init', () => {
      const queue = alloc_ordered_workqueue('vio')
      queue_work(
        queue,
        new work_struct(() => {
          mutex_lock(lock)
          mutex_unlock(lock)
        }),
      )
      mutex_lock(lock)
      flush_workqueue(queue)
    })
    expect(result).toBeNull()
    expect(machine.outcome).toBe('deadlock')
  })

  it('flushed when its worker is dead never returns', () => {
    const machine = boot()
    const queue = run(machine, () => {
      const broken = alloc_ordered_workqueue('broken')
      queue_work(broken, new work_struct(() => oops('x')))
      queue_work(broken, new work_struct(() => undefined))
      return broken
    })
    machine.settle()
    expect(
      machine.task('init', () => {
        flush_workqueue(queue)
      }),
    ).toBeNull()
    expect(eventsOf(machine, 'hang')).toMatchObject([
      { lock: 'broken', holder: 'kworker/broken/4, which an Oops killed' },
    ])
  })

  it('flushed under a spinlock is a sleep in atomic context', () => {
    const machine = boot()
    run(machine, function flushing_function() {
      spin_lock(new spinlock('lock'))
      flush_workqueue(alloc_ordered_workqueue('vio'))
    })
    expect(eventsOf(machine, 'lock.report')).toMatchObject([{ report: 'sleep-in-atomic' }])
  })
})
