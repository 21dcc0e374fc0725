// SPDX-License-Identifier: GPL-2.0-only
import type { MachineOptions } from '@pfo-workbench/machine'
import { describe, expect, it } from 'vitest'
import { createSystemWorkqueues, settle } from '../src/index.ts'
import { hostMachine, type HostMachine } from './host-machine.ts'

/** A machine whose work items record that they ran. */
function machineWithWork(options: Partial<MachineOptions> = {}): {
  host: HostMachine
  ran: bigint[]
  work: (named?: string) => bigint
} {
  const ran: bigint[] = []
  const host = hostMachine({
    options,
    functions: {
      note: (object) => {
        ran.push(BigInt.asUintN(64, BigInt(object)))
        return 0n
      },
      dies: () => {
        host.machine.checked.u8(0n)
        return 0n
      },
      flushesItself: (object) => host.call('flush_work', BigInt.asUintN(64, BigInt(object))),
    },
  })
  const work = (named = 'note'): bigint => {
    const object = host.space(32)
    host.machine.view('work_struct', object).set('func', host.machine.pointerTo(named))
    return object
  }
  return { host, ran, work }
}

const run = <T>({ machine }: HostMachine, body: () => T): T | null => machine.task('init', body)

describe('work', () => {
  it('runs when the queues run, once even if queued repeatedly, in a task of its own', () => {
    const { host, ran, work } = machineWithWork()
    const one = work()
    const queue = run(host, () => host.call('alloc_workqueue', host.text('test'), 0, 1)) ?? 0n
    expect(run(host, () => host.call('queue_work_on', 0, queue, one))).toBe(1n)
    expect(run(host, () => host.call('queue_work_on', 0, queue, one))).toBe(0n)
    expect(ran).toEqual([])
    settle(host.machine)
    expect(ran).toEqual([one])
    expect(host.machine.tasks.at(-1)?.comm).toBe('kworker/test')
    expect(run(host, () => host.call('queue_work_on', 0, queue, one))).toBe(1n)
  })

  it('with a delay runs after work without', () => {
    const { host, ran, work } = machineWithWork()
    const [late, soon] = [work(), work()]
    run(host, () => {
      expect(host.call('queue_delayed_work_on', 0, 1, late, 100)).toBe(1n)
      host.call('queue_work_on', 0, 1, soon)
    })
    settle(host.machine)
    expect(ran).toEqual([soon, late])
  })

  it('gets a new delay by mod_delayed_work_on', () => {
    const { host, ran, work } = machineWithWork()
    const [one, other] = [work(), work()]
    run(host, () => {
      host.call('queue_delayed_work_on', 0, 1, one, 1)
      host.call('queue_delayed_work_on', 0, 1, other, 5)
      expect(host.call('mod_delayed_work_on', 0, 1, one, 10)).toBe(1n)
    })
    settle(host.machine)
    expect(ran).toEqual([other, one])
  })

  it.each(['flush_work', 'flush_delayed_work'])('has run after %s', (flush) => {
    const { host, ran, work } = machineWithWork()
    const one = work()
    run(host, () => {
      host.call('queue_work_on', 0, 1, one)
      expect(host.call(flush, one)).toBe(1n)
      expect(host.call(flush, one)).toBe(0n)
    })
    expect(ran).toEqual([one])
  })

  it.each(['flush_workqueue', '__flush_workqueue', 'drain_workqueue', 'destroy_workqueue'])(
    'of a queue has run after %s',
    (flush) => {
      const { host, ran, work } = machineWithWork()
      const one = work()
      run(host, () => {
        const queue = host.call('alloc_workqueue_noprof', host.text('test'), 0, 0)
        host.call('queue_work_on', 0, queue, one)
        host.call(flush, queue)
      })
      expect(ran).toEqual([one])
    },
  )

  it.each(['cancel_work_sync', 'cancel_delayed_work_sync', 'cancel_work', 'cancel_delayed_work'])(
    'does not run after %s',
    (cancel) => {
      const { host, ran, work } = machineWithWork()
      const one = work()
      run(host, () => {
        host.call('queue_work_on', 0, 1, one)
        expect(host.call(cancel, one)).toBe(1n)
        expect(host.call(cancel, one)).toBe(0n)
      })
      settle(host.machine)
      expect(ran).toEqual([])
    },
  )

  it('that waits for itself never ends', () => {
    const { host, work } = machineWithWork()
    run(host, () => host.call('queue_work_on', 0, 1, work('flushesItself')))
    settle(host.machine)
    expect(host.events('hang')).toMatchObject([{ lock: 'events', holder: 'its own call chain' }])
  })

  it('killed by an Oops blocks its waiters forever, and stops an ordered queue', () => {
    const { host, ran, work } = machineWithWork()
    const [dies, behind] = [work('dies'), work()]
    run(host, () => {
      const queue = host.call('__alloc_workqueue_key', host.text('ordered'), 1 << 17, 1)
      host.call('queue_work_on', 0, queue, dies)
      host.call('queue_work_on', 0, queue, behind)
    })
    settle(host.machine)
    expect(ran).toEqual([])
    run(host, () => host.call('flush_work', behind))
    expect(host.events('hang')).toMatchObject([
      { lock: 'ordered', holder: expect.stringContaining('which an Oops killed') as string },
    ])
  })

  it('can be queued on queues that always exist', () => {
    const { host, ran, work } = machineWithWork()
    const withQueue = hostMachine({ data: { system_wq: 8 } })
    createSystemWorkqueues(withQueue.machine)
    expect(withQueue.machine.checked.u64(withQueue.machine.pointerTo('system_wq'))).not.toBe(0n)
    withQueue.machine.task('init', () => withQueue.call('flush_scheduled_work'))
    expect(withQueue.machine.outcome).toBe('completed')
    run(host, () => host.call('queue_work_on', 0, 1, work()))
    settle(host.machine)
    expect(ran).toHaveLength(1)
  })

  it('is not queued by a timer: the timer function of delayed work does not run', () => {
    expect(() => hostMachine().call('delayed_work_timer_fn', 0)).toThrow('does not run')
  })

  it('scheduled asynchronously runs at once, and can be waited for', () => {
    const { host, ran } = machineWithWork()
    run(host, () => {
      host.call('async_schedule_node', host.machine.pointerTo('note'), 77, 0)
      host.call('async_synchronize_full')
    })
    expect(ran).toEqual([77n])
  })
})

describe('RCU', () => {
  it.each(['call_rcu', 'call_rcu_hurry', 'call_rcu_sched', 'kfree_call_rcu'])(
    'defers a callback by %s',
    (name) => {
      const { host, ran } = machineWithWork()
      run(host, () => host.call(name, 4096, host.machine.pointerTo('note')))
      expect(ran).toEqual([])
      settle(host.machine)
      expect(ran).toEqual([4096n])
    },
  )

  it('defers a callback of a domain', () => {
    const { host, ran } = machineWithWork()
    run(host, () => host.call('call_srcu', 1, 4096, host.machine.pointerTo('note')))
    settle(host.machine)
    expect(ran).toEqual([4096n])
  })

  it.each([
    ['kfree_call_rcu', 16n],
    ['kvfree_call_rcu', 16n],
    ['kvfree_call_rcu', 'object'],
  ] as const)('frees later by %s with %s', (name, what) => {
    const { host } = machineWithWork()
    run(host, () => {
      const object = host.call('kmalloc', 64, 0)
      host.call(name, object + 16n, what === 'object' ? object : what)
    })
    expect(host.events('free')).toEqual([])
    settle(host.machine)
    expect(host.events('free')).toEqual([{ object: 'bytes#0', struct: 'bytes' }])
  })

  it.each(['rcu_barrier', 'rcu_barrier_sched'])('has run all callbacks after %s', (name) => {
    const { host, ran } = machineWithWork()
    run(host, () => {
      host.call('call_rcu', 4096, host.machine.pointerTo('note'))
      host.call(name)
    })
    expect(ran).toEqual([4096n])
  })

  const waits = ['synchronize_rcu', 'synchronize_rcu_expedited', 'synchronize_sched', 'synchronize_rcu_tasks']

  it.each(waits)('may be waited for outside of a section by %s', (name) => {
    const { host } = machineWithWork()
    run(host, () => host.call(name))
    expect(host.machine.outcome).toBe('completed')
    expect(host.machine.journal.events).toEqual([])
  })

  it.each(waits)('ends the section of a caller that waits for it by %s, which is an error', (name) => {
    const { host } = machineWithWork()
    run(host, () => {
      host.call('rcu_read_lock')
      host.call(name)
      expect(host.machine.current).toMatchObject({ preemptCount: 0 })
    })
    expect(host.machine.outcome).toBe('completed')
    expect(host.events('lock.report')).toMatchObject([
      { report: 'sleep-in-atomic' },
      { report: 'scheduling-while-atomic' },
    ])
    const { console } = host.machine.journal
    expect(console).toContain('in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 1, name: init')
    expect(console).toContain('BUG: scheduling while atomic: init/1/0x00000002')
  })

  it('counts spinlocks and sections, of which the scheduler ends all at once', () => {
    const { host } = machineWithWork()
    const lock = host.space(8)
    run(host, () => {
      host.call('rcu_read_lock')
      host.call('_raw_spin_lock', lock)
      host.call('synchronize_rcu')
      expect(host.machine.journal.console).toContain('BUG: scheduling while atomic: init/1/0x00000003')
      host.call('synchronize_rcu')
      expect(host.events('lock.report')).toHaveLength(2)
      host.call('_raw_spin_unlock', lock)
      host.call('synchronize_rcu')
    })
    expect(host.machine.journal.console).toContain('BUG: scheduling while atomic: init/1/0x00000000')
  })

  it('counts no sections without lock debugging, but a sleep in one is an event', () => {
    const { host } = machineWithWork({ lockDebugging: false })
    run(host, () => {
      host.call('rcu_read_lock')
      host.call('synchronize_rcu')
      host.call('rcu_read_unlock')
      host.call('synchronize_rcu')
    })
    expect(host.machine.outcome).toBe('completed')
    expect(host.events('lock.report')).toMatchObject([{ report: 'sleep-in-atomic' }])
    expect(host.machine.journal.console).toEqual([])
  })

  it('is part of the report about a task that waits for a mutex in a section', () => {
    const { host } = machineWithWork()
    const lock = host.space(32)
    run(host, () => host.call('mutex_lock', lock))
    run(host, () => {
      host.call('rcu_read_lock')
      host.call('mutex_lock', lock)
    })
    expect(host.machine.outcome).toBe('deadlock')
    const { console } = host.machine.journal
    expect(console).toContain('[ BUG: Invalid wait context ]')
    expect(console).toContain('BUG: scheduling while atomic: init/2/0x00000002')
  })

  it('yields the processor, which is an error under a spinlock', () => {
    const { host } = machineWithWork()
    run(host, () => {
      host.call('_raw_spin_lock', host.space(8))
      host.call('synchronize_rcu')
    })
    expect(host.events('lock.report')).toMatchObject([
      { report: 'sleep-in-atomic' },
      { report: 'scheduling-while-atomic' },
    ])
  })

  it('makes sleeping in a section an error until the section ends', () => {
    const { host } = machineWithWork()
    run(host, () => {
      host.call('rcu_read_lock')
      host.call('msleep', 1)
      host.call('rcu_read_unlock')
      host.call('msleep', 1)
    })
    expect(host.events('lock.report')).toHaveLength(1)
  })

  it('with sleeping readers has nothing to wait for', () => {
    const { host } = machineWithWork()
    run(host, () => {
      for (const name of ['init_srcu_struct', '__init_srcu_struct', '__srcu_read_lock'])
        expect(host.call(name, 1)).toBe(0n)
      for (const name of [
        '__srcu_read_unlock',
        'synchronize_srcu',
        'synchronize_srcu_expedited',
        'cleanup_srcu_struct',
      ])
        host.call(name, 1)
    })
    expect(host.machine.outcome).toBe('completed')
  })
})

describe('a timer', () => {
  function machineWithTimer(): { host: HostMachine; ran: bigint[]; timer: bigint } {
    const { host, ran } = machineWithWork()
    const timer = host.space(32)
    host.machine.task('init', () =>
      host.call('init_timer_key', timer, host.machine.pointerTo('note'), 0, 0, 0),
    )
    return { host, ran, timer }
  }

  it('fires when the queues run after it was started', () => {
    const { host, ran, timer } = machineWithTimer()
    run(host, () => {
      expect(host.call('mod_timer', timer, 10)).toBe(0n)
      expect(host.call('mod_timer', timer, 20)).toBe(1n)
    })
    settle(host.machine)
    expect(ran).toEqual([timer])
  })

  it('is started by add_timer with its own time, and initialized by its newer name', () => {
    const { host, ran, timer } = machineWithTimer()
    run(host, () => {
      host.call('timer_init_key', timer, host.machine.pointerTo('note'), 0, 0, 0)
      host.call('add_timer', timer)
    })
    settle(host.machine)
    expect(ran).toEqual([timer])
  })

  it.each([
    ...['del_timer', 'del_timer_sync', 'timer_delete', 'timer_delete_sync'],
    ...['timer_shutdown', 'timer_shutdown_sync'],
  ])('does not fire after %s', (stop) => {
    const { host, ran, timer } = machineWithTimer()
    run(host, () => {
      host.call('mod_timer', timer, 10)
      expect(host.call(stop, timer)).toBe(1n)
    })
    settle(host.machine)
    expect(ran).toEqual([])
  })
})

describe('a high-resolution timer', () => {
  it.each(['hrtimer_init', 'hrtimer_setup'])('is empty after %s, and never active', (name) => {
    const host = hostMachine()
    const timer = host.space(16)
    const view = host.machine.view('hrtimer', timer)
    view.set('node', 7)
    run(host, () => {
      host.call(name, timer, 4096)
      for (const cancel of ['hrtimer_try_to_cancel', 'hrtimer_cancel'])
        expect(host.call(cancel, timer)).toBe(0n)
    })
    expect(view.number('node')).toBe(0)
    expect(view.pointerIn('function')).toBe(name === 'hrtimer_setup' ? 4096n : 0n)
  })
})

describe('waiting', () => {
  it('runs deferred work, and hangs when none is left', () => {
    const { host, ran, work } = machineWithWork()
    const one = work()
    run(host, () => {
      host.call('queue_work_on', 0, 1, one)
      host.call('schedule')
      expect(ran).toEqual([one])
      host.call('schedule')
    })
    expect(host.events('hang')).toMatchObject([{ lock: 'a wake-up' }])
  })

  it.each(['schedule_timeout', 'schedule_timeout_uninterruptible', 'schedule_timeout_interruptible'])(
    'with a limit returns by %s',
    (name) => {
      const { host } = machineWithWork()
      expect(run(host, () => host.call(name, 5))).toBe(0n)
    },
  )

  it.each(['msleep', 'usleep_range', 'usleep_range_state', 'msleep_interruptible'])(
    'by %s is sleeping',
    (name) => {
      const { host } = machineWithWork()
      run(host, () => {
        host.call('_raw_spin_lock', host.space(8))
        host.call(name, 5)
      })
      expect(host.events('lock.report')).toMatchObject([{ report: 'sleep-in-atomic' }])
    },
  )

  it.each(['__might_sleep', '___might_sleep', '__might_resched'])('is checked for by %s', (name) => {
    const { host } = machineWithWork()
    run(host, () => {
      host.call('_raw_spin_lock', host.space(8))
      host.call(name, host.text('file.c'), 7)
    })
    expect(host.machine.journal.console[0]).toContain('invalid context at file.c:7')
  })

  it.each([
    'wait_for_completion',
    'wait_for_completion_io',
    'wait_for_completion_interruptible',
    'wait_for_completion_killable',
    'wait_for_completion_timeout',
  ])('for a completion ends once it is completed, by %s', (name) => {
    const { host } = machineWithWork()
    const completion = host.space(32)
    run(host, () => {
      host.call('complete', completion)
      host.call(name, completion)
      expect(host.machine.checked.u32(completion)).toBe(0)
      host.call('complete_all', completion)
      host.call(name, completion)
      host.call(name, completion)
    })
    expect(host.machine.outcome).toBe('completed')
    run(host, () => {
      host.call(name, host.space(32))
    })
    expect(host.machine.outcome).toBe('deadlock')
  })

  it('starts with an empty list', () => {
    const { host } = machineWithWork()
    const [queue, simple] = [host.space(32), host.space(32)]
    run(host, () => {
      host.call('__init_waitqueue_head', queue, 0, 0)
      host.call('__init_swait_queue_head', simple, 0, 0)
    })
    expect(host.machine.checked.u64(queue + 8n)).toBe(queue + 8n)
    expect(host.machine.checked.u64(simple + 16n)).toBe(simple + 8n)
  })

  it.each([
    ...[
      'prepare_to_wait_event',
      'prepare_to_wait',
      'finish_wait',
      'init_wait_entry',
      'autoremove_wake_function',
    ],
    ...['__wake_up', 'wake_up_process', '__wake_up_locked', 'wake_up_bit', 'wake_up_var', '__wake_up_sync'],
    ...['__cond_resched', '_cond_resched'],
  ])('does not depend on %s, which has no effect', (name) => {
    const { host } = machineWithWork()
    expect(run(host, () => host.call(name, host.space(32), host.space(32)))).toBe(0n)
  })

  it('shows its call chain by dump_stack', () => {
    const { host } = machineWithWork()
    run(host, () => host.call('dump_stack'))
    expect(host.machine.journal.console).toContain('Call Trace:')
  })
})
