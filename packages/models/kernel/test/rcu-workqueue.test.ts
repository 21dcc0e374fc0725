// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  alloc_ordered_workqueue,
  alloc_workqueue,
  BUG,
  cancel_work_sync,
  complete,
  completion,
  container_of,
  destroy_workqueue,
  embed,
  flush_work,
  flush_workqueue,
  init_completion,
  injectAllocationFailures,
  isFreed,
  kfree,
  kzalloc,
  might_sleep,
  mutex,
  mutex_lock,
  mutex_unlock,
  oops,
  queue_work,
  rcu_dereference,
  rcu_read_lock,
  rcu_read_unlock,
  schedule_work,
  spin_lock,
  spin_unlock,
  spinlock,
  struct,
  synchronize_rcu,
  wait_for_completion,
  work_struct,
  WQ_UNBOUND,
  type Machine,
  type workqueue_struct,
} from '../src/index.ts'
import { consoleOf, eventsOf, must, run } from '../src/testing.ts'
import { boot, it } from './support.ts'

const queueOf = (name: string): workqueue_struct => must(alloc_ordered_workqueue(name))

function workOf(func: (work: work_struct) => void): work_struct {
  return new work_struct(func, '(work_completion)(&w->work)')
}

describe('synchronize_rcu', () => {
  it('returns if no read section is open', ({ machine }) => {
    run(machine, () => {
      rcu_read_lock()
      expect(rcu_dereference(machine)).toBe(machine)
      rcu_read_unlock()
      synchronize_rcu()
    })
    expect(eventsOf(machine, 'lock.report')).toEqual([])
  })

  it('warns inside a read section of its caller, and still returns', ({ machine }) => {
    const result = machine.task('rmmod', function remove_function() {
      rcu_read_lock()
      rcu_read_lock()
      rcu_read_unlock()
      synchronize_rcu()
      synchronize_rcu()
      return 'came back'
    })
    expect([result, machine.outcome]).toEqual(['came back', 'completed'])
    expect(
      eventsOf(machine, 'lock.report').map(({ report, lock, holder }) => [report, lock, holder]),
    ).toEqual([
      ['suspicious-rcu', '', null],
      ['sleep-in-atomic', 'rcu_read_lock', 'remove_function'],
      ['scheduling-while-atomic', 'rcu_read_lock', 'remove_function'],
    ])
    expect(machine.console.slice(0, 4)).toEqual([
      '=============================',
      'WARNING: suspicious RCU usage',
      '4.18.0 Not tainted',
      '-----------------------------',
    ])
    expect(machine.console).toEqual(
      expect.arrayContaining([
        'kernel/rcu/tree.c:3088 Illegal synchronize_sched() in RCU-sched read-side critical section!',
        'BUG: sleeping function called from invalid context at kernel/rcu/tree.c:3044',
        'BUG: scheduling while atomic: rmmod/2/0x00000002',
      ]),
    )
  })

  it('resets the count of atomic sections, so that the end of the section makes it negative', ({
    machine,
  }) => {
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        rcu_read_lock()
        synchronize_rcu()
        rcu_read_unlock()
        synchronize_rcu()
        might_sleep('x.c:1')
      })
    })
    const [pid] = machine.tasks.slice(-1).map((task) => task.pid)
    expect(lines.filter((line) => /^(?:BUG|in_atomic)/.test(line))).toEqual([
      'BUG: sleeping function called from invalid context at kernel/rcu/tree.c:3044',
      `in_atomic(): 1, irqs_disabled(): 0, pid: ${String(pid)}, name: test`,
      `BUG: scheduling while atomic: test/${String(pid)}/0x00000002`,
      'BUG: sleeping function called from invalid context at kernel/rcu/tree.c:3044',
      `in_atomic(): 1, irqs_disabled(): 0, pid: ${String(pid)}, name: test`,
      `BUG: scheduling while atomic: test/${String(pid)}/0x00000000`,
    ])
  })

  it('prints nothing inside a read section in a kernel without lock debugging', () => {
    const machine = boot({ lockDebugging: false })
    run(machine, () => {
      rcu_read_lock()
      synchronize_rcu()
    })
    expect(machine.console).toEqual([])
  })

  it('is a sleep in atomic context under a spinlock', ({ machine }) => {
    run(machine, () => {
      spin_lock(new spinlock('lock'))
      synchronize_rcu()
    })
    expect(eventsOf(machine, 'lock.report')).toMatchObject([
      { report: 'sleep-in-atomic', function: 'synchronize_sched', lock: 'lock' },
      { report: 'scheduling-while-atomic' },
    ])
  })
})

describe('a workqueue', () => {
  it('runs its work when the machine settles, in order, in a worker task', ({ machine }) => {
    const order: string[] = []
    run(machine, () => {
      const queue = queueOf('vio')
      const first = workOf(() => order.push(`first ${String(machine.running?.comm)}`))
      const second = workOf(() => order.push('second'))
      expect([queue_work(queue, first), queue_work(queue, second)]).toEqual([true, true])
    })
    expect(order).toEqual([])
    machine.settle()
    expect(order).toEqual(['first kworker/vio', 'second'])
    machine.settle()
    expect(order).toHaveLength(2)
  })

  it('and its work are held by the worker for lockdep, but are not locks in an Oops', ({ machine }) => {
    const queue = run(machine, () => queueOf('queue'))
    run(machine, () => {
      queue_work(
        queue,
        workOf(function work_function() {
          const lock = new spinlock('lock')
          spin_lock(lock)
          might_sleep('here.c:1')
          spin_unlock(lock)
          BUG('here.c:2')
        }),
      )
    })
    machine.settle()
    const first = machine.console.findIndex((line) => / locks held by kworker\/queue\//.test(line))
    expect(machine.console.slice(first, first + 4).map((line) => line.replace(/\/\d+:$/, ''))).toEqual([
      '3 locks held by kworker/queue',
      ' #0: ((wq_completion)"queue"), at: process_one_work',
      ' #1: ((work_completion)(&w->work)), at: process_one_work',
      ' #2: (lock), at: work_function',
    ])
    expect(eventsOf(machine, 'oops')).toMatchObject([{ held: [] }])
  })

  it('takes pending work only once, but lets running work queue itself again', ({ machine }) => {
    let rounds = 0
    run(machine, () => {
      const queue = queueOf('vio')
      const work: work_struct = workOf(() => {
        if (++rounds < 3) expect(queue_work(queue, work)).toBe(true)
      })
      expect([queue_work(queue, work), queue_work(queue, work)]).toEqual([true, false])
    })
    machine.settle()
    expect(rounds).toBe(3)
  })

  it('stops for good if its worker dies; other queues continue', ({ machine }) => {
    const done: string[] = []
    run(machine, () => {
      const broken = queueOf('broken')
      const other = queueOf('other')
      queue_work(
        broken,
        workOf(() => oops('Unable to handle kernel paging request for data at address 0x00000000')),
      )
      queue_work(
        broken,
        workOf(() => done.push('behind')),
      )
      queue_work(
        other,
        workOf(() => done.push('other')),
      )
    })
    machine.settle()
    machine.settle()
    expect(done).toEqual(['other'])
    expect(machine.outcome).toBe('oops')
  })

  it('has run its work when flush_workqueue returns, in a worker and not in the waiting task', () => {
    const machine = boot()
    const done: string[] = []
    run(machine, () => {
      const queue = queueOf('vio')
      queue_work(
        queue,
        workOf(() => done.push(String(machine.running?.label))),
      )
      flush_workqueue(queue)
      flush_workqueue(queue)
      expect(done).toEqual(['kworker/vio/3'])
    })
  })

  it('does not run work that was queued after flush_workqueue began', ({ machine }) => {
    let rounds = 0
    run(machine, () => {
      const queue = queueOf('vio')
      const work: work_struct = workOf(() => {
        if (++rounds < 3) queue_work(queue, work)
      })
      queue_work(queue, work)
      flush_workqueue(queue)
      expect(rounds).toBe(1)
    })
    machine.settle()
    expect(rounds).toBe(3)
  })

  it('deadlocks worker and flusher if flushed under a lock that its work takes', ({ machine }) => {
    const lock = new mutex('of_mutex')
    const result = machine.task('init', () => {
      const queue = queueOf('vio')
      queue_work(
        queue,
        workOf(() => {
          mutex_lock(lock)
          mutex_unlock(lock)
        }),
      )
      mutex_lock(lock)
      flush_workqueue(queue)
    })
    expect(result).toBeNull()
    expect(machine.outcome).toBe('deadlock')
    expect(eventsOf(machine, 'hang')).toMatchObject([
      { task: 'kworker/vio/3', lock: 'of_mutex', holder: 'init/2, which waits as well' },
      { task: 'init/2', lock: 'vio', holder: 'kworker/vio/3, which waits as well', held: ['of_mutex'] },
    ])
  })

  it('does not deadlock if flushed under a lock that its work does not take', ({ machine }) => {
    run(machine, () => {
      const queue = queueOf('vio')
      queue_work(
        queue,
        workOf(() => undefined),
      )
      mutex_lock(new mutex('of_mutex'))
      flush_workqueue(queue)
    })
    expect(machine.outcome).toBe('completed')
  })

  it.each([
    [
      'flush_workqueue',
      (queue: workqueue_struct) => {
        flush_workqueue(queue)
      },
    ],
    [
      'flush_work',
      (_queue: workqueue_struct, work: work_struct) => {
        flush_work(work)
      },
    ],
    [
      'cancel_work_sync',
      (_queue: workqueue_struct, work: work_struct) => {
        cancel_work_sync(work)
      },
    ],
  ])('deadlocks if its own work waits for it with %s', (_name, wait) => {
    const machine = boot()
    run(machine, () => {
      const queue = queueOf('vio')
      queue_work(
        queue,
        workOf((work) => {
          wait(queue, work)
        }),
      )
    })
    machine.settle()
    expect(eventsOf(machine, 'hang')).toMatchObject([{ lock: 'vio', holder: 'its own call chain' }])
  })

  it('never finishes a flush if its worker is dead, even without further work', () => {
    for (const behind of [0, 1]) {
      const machine = boot()
      const queue = run(machine, () => {
        const broken = queueOf('broken')
        queue_work(
          broken,
          workOf(() => oops('x')),
        )
        for (let i = 0; i < behind; i++)
          queue_work(
            broken,
            workOf(() => undefined),
          )
        return broken
      })
      machine.settle()
      const flushed = machine.task('init', () => {
        flush_workqueue(queue)
      })
      expect(flushed).toBeNull()
      expect(eventsOf(machine, 'hang')).toMatchObject([
        { lock: 'broken', holder: 'kworker/broken/4, which an Oops killed' },
      ])
    }
  })

  it('flushed under a spinlock is a sleep in atomic context', ({ machine }) => {
    run(machine, function flushing_function() {
      const queue = queueOf('vio')
      spin_lock(new spinlock('lock'))
      flush_workqueue(queue)
    })
    expect(eventsOf(machine, 'lock.report')).toMatchObject([{ report: 'sleep-in-atomic' }])
  })
})

describe('flush_work', () => {
  it('waits for its work and for work queued before it, not for work queued after it', ({ machine }) => {
    const done: string[] = []
    run(machine, () => {
      const queue = queueOf('vio')
      const works = ['before', 'work', 'behind'].map((name) => workOf(() => done.push(name)))
      for (const work of works) queue_work(queue, work)
      expect(flush_work(must(works[1]))).toBe(true)
      expect(done).toEqual(['before', 'work'])
      expect(flush_work(must(works[1]))).toBe(false)
    })
  })

  describe('on a queue with a work item that died', () => {
    /** Makes a queue that runs several work items at once. One work item has died. */
    const damaged = (machine: Machine): workqueue_struct => {
      const queue = run(machine, () => must(alloc_workqueue('q', WQ_UNBOUND, 0)))
      run(machine, () =>
        queue_work(
          queue,
          workOf(() => oops('x')),
        ),
      )
      machine.settle()
      return queue
    }

    it('waits only for its own work, also if other work cancels some', ({ machine }) => {
      const queue = damaged(machine)
      const done: string[] = []
      run(machine, () => {
        const b = workOf(() => done.push('b'))
        const a = workOf(() => {
          done.push('a')
          cancel_work_sync(b)
        })
        const last = workOf(() => done.push('last'))
        for (const work of [a, b, last]) queue_work(queue, work)
        expect(flush_work(last)).toBe(true)
      })
      expect(done).toEqual(['a', 'last'])
      expect(eventsOf(machine, 'hang')).toEqual([])
    })

    it('waits for the first run of work that queues itself again, not for the next', ({ machine }) => {
      const queue = damaged(machine)
      let runs = 0
      run(machine, () => {
        const again = workOf((work) => {
          runs++
          queue_work(queue, work)
        })
        queue_work(queue, again)
        expect(flush_work(again)).toBe(true)
      })
      expect(runs).toBe(1)
    })

    it('returns if its work waited for later work', ({ machine }) => {
      const queue = damaged(machine)
      run(machine, () => {
        const c = workOf(() => undefined)
        const a = workOf(() => flush_work(c))
        for (const work of [a, workOf(() => undefined), c]) queue_work(queue, work)
        expect(flush_work(a)).toBe(true)
      })
      expect(eventsOf(machine, 'hang')).toEqual([])
    })
  })

  it('reports a caller in an atomic section once it waits', ({ machine }) => {
    run(machine, () => {
      const queue = queueOf('vio')
      const work = workOf(() => undefined)
      queue_work(queue, work)
      rcu_read_lock()
      flush_work(work)
    })
    expect(eventsOf(machine, 'lock.report').map(({ report }) => report)).toEqual([
      'sleep-in-atomic',
      'scheduling-while-atomic',
    ])
  })

  it('has nothing to wait for if the work was never queued', () => {
    expect(run(boot(), () => flush_work(workOf(() => undefined)))).toBe(false)
  })

  it('never returns if earlier work waits for a lock of the caller', ({ machine }) => {
    const lock = new mutex('of_mutex')
    const work = workOf(() => undefined)
    const result = machine.task('init', () => {
      const queue = queueOf('vio')
      queue_work(
        queue,
        workOf(() => {
          mutex_lock(lock)
        }),
      )
      queue_work(queue, work)
      mutex_lock(lock)
      flush_work(work)
    })
    expect(result).toBeNull()
    expect(work.pending).toBe(true)
    expect(eventsOf(machine, 'hang').map(({ lock }) => lock)).toEqual(['of_mutex', 'vio'])
  })
})

describe('finished work', () => {
  it('does not refer to its queue, which may be destroyed before a task waits for the work', () => {
    const machine = boot()
    run(machine, () => {
      const queue = queueOf('vio')
      const work = workOf(() => undefined)
      queue_work(queue, work)
      destroy_workqueue(queue)
      expect([flush_work(work), cancel_work_sync(work)]).toEqual([false, false])
    })
    expect(eventsOf(machine, 'use-after-free')).toEqual([])
  })
})

describe('work that returns', () => {
  /** Runs work that returns without undoing what it did, and returns the console lines of the work. */
  function leave(machine: Machine, body: () => void): string[] {
    const work = workOf(function leaving_function() {
      body()
    })
    return consoleOf(machine, () => {
      run(machine, () => {
        const wq = queueOf('wq')
        queue_work(wq, work)
        flush_workqueue(wq)
      })
    })
  }

  it.for([
    ['a lock held', 0, () => mutex_lock(new mutex('of_mutex'))],
    ['a spinlock held', 1, () => spin_lock(new spinlock('devtree_lock'))],
    ['an RCU read section open', 1, () => rcu_read_lock()],
  ] as const)('with %s is reported with its function and this lock alone', ([, count, body], { machine }) => {
    expect(leave(machine, body)).toEqual(
      expect.arrayContaining([
        `BUG: workqueue leaked lock or atomic: kworker/wq/0x0000000${String(count)}/3`,
        '     last function: leaving_function',
        expect.stringMatching(/^1 lock held by kworker/),
      ]),
    )
  })

  it('with a lock held is not reported once lockdep is off; in an atomic section, it still is', ({
    machine,
  }) => {
    run(machine, () => {
      mutex_unlock(new mutex('not held'))
    })
    expect(leave(machine, () => mutex_lock(new mutex('of_mutex')))).toEqual([])
    expect(leave(machine, () => spin_lock(new spinlock('devtree_lock')))).toContain(
      'INFO: lockdep is turned off.',
    )
  })

  it('in an atomic section is not reported by a kernel without lock debugging', () => {
    const machine = boot({ lockDebugging: false })
    expect(leave(machine, () => spin_lock(new spinlock('devtree_lock')))).toEqual([])
  })

  it('emits events with its function when it is queued and when it runs', ({ machine }) => {
    run(machine, () => {
      const wq = queueOf('wq')
      queue_work(
        wq,
        workOf(function some_function() {
          return undefined
        }),
      )
      flush_workqueue(wq)
    })
    const work = { queue: 'wq', callback: 'some_function' }
    expect(eventsOf(machine, 'work.queue')).toMatchObject([work])
    expect(eventsOf(machine, 'work.run')).toMatchObject([work])
  })
})

describe('work embedded in a struct', () => {
  class request extends struct {
    readonly work: work_struct = embed(this, workOf(request_workfn))
    done = false
  }

  function request_workfn(work: work_struct): void {
    container_of<request>(work).done = true
  }

  it('gives its function access to the struct', ({ machine }) => {
    const one = run(machine, () => {
      const it = must(kzalloc(request))
      schedule_work(it.work)
      return it
    })
    machine.settle()
    expect(one.done).toBe(true)
  })

  it('is a use after free if the struct is freed while the work is pending', ({ machine }) => {
    run(machine, () => {
      const it = must(kzalloc(request))
      schedule_work(it.work)
      kfree(it)
    })
    machine.settle()
    expect(machine.outcome).toBe('oops')
    expect(eventsOf(machine, 'use-after-free')[0]).toMatchObject({ struct: 'request', field: 'work.pending' })
  })

  it('may free the struct in its function', () => {
    class oneShot extends struct {
      readonly work: work_struct = embed(
        this,
        workOf((work) => kfree(container_of<oneShot>(work))),
      )
    }
    const machine = boot()
    run(machine, () => schedule_work(must(kzalloc(oneShot)).work))
    machine.settle()
    expect(eventsOf(machine, 'free')).not.toEqual([])
    expect(eventsOf(machine, 'use-after-free')).toEqual([])
  })
})

describe('cancel_work_sync', () => {
  it('removes pending work, which then does not run', ({ machine }) => {
    const done: string[] = []
    run(machine, () => {
      const queue = queueOf('vio')
      const [work, other] = [workOf(() => done.push('work')), workOf(() => done.push('other'))]
      queue_work(queue, work)
      queue_work(queue, other)
      expect([cancel_work_sync(work), cancel_work_sync(work)]).toEqual([true, false])
      expect(queue_work(queue, work)).toBe(true)
      expect(cancel_work_sync(work)).toBe(true)
    })
    machine.settle()
    expect(done).toEqual(['other'])
  })

  it('does nothing for work that was never queued or has run', ({ machine }) => {
    const work = workOf(() => undefined)
    expect(run(machine, () => cancel_work_sync(work))).toBe(false)
    run(machine, () => schedule_work(work))
    machine.settle()
    expect(run(machine, () => cancel_work_sync(work))).toBe(false)
  })
})

describe('schedule_work', () => {
  it('queues work for workers that survive the death of another', ({ machine }) => {
    const done: string[] = []
    run(machine, () => {
      schedule_work(workOf(() => oops('x')))
      expect(schedule_work(workOf(() => done.push(String(machine.running?.comm))))).toBe(true)
    })
    machine.settle()
    expect(done).toEqual(['kworker/events'])
  })
})

describe('destroy_workqueue', () => {
  it('runs all work, including work that it queues, and frees the queue', ({ machine }) => {
    let rounds = 0
    const queue = run(machine, () => queueOf('vio'))
    const work: work_struct = workOf(() => {
      if (++rounds < 3) queue_work(queue, work)
    })
    run(machine, () => {
      queue_work(queue, work)
      destroy_workqueue(queue)
    })
    expect([rounds, isFreed(queue)]).toEqual([3, true])
    expect(machine.task('late', () => queue_work(queue, work))).toBeNull()
    expect(eventsOf(machine, 'use-after-free')).toMatchObject([{ struct: 'workqueue_struct' }])
  })

  it('never returns while work keeps queueing itself, and prints a message', ({ machine }) => {
    const lines = consoleOf(machine, () => {
      const destroyed = machine.task('rmmod', () => {
        const queue = queueOf('vio')
        const work: work_struct = workOf(() => queue_work(queue, work))
        queue_work(queue, work)
        destroy_workqueue(queue)
      })
      expect(destroyed).toBeNull()
    })
    expect(lines.slice(0, 2)).toEqual([
      "workqueue vio: drain_workqueue() isn't complete after 10 tries",
      "workqueue vio: drain_workqueue() isn't complete after 100 tries",
    ])
    expect(eventsOf(machine, 'hang')).toMatchObject([
      { lock: 'vio', holder: 'work that queues itself again' },
    ])
  })
})

describe('alloc_ordered_workqueue', () => {
  it('returns null if memory is short', ({ machine }) => {
    run(machine, () => {
      injectAllocationFailures((struct) => struct === 'workqueue_struct')
      expect(alloc_ordered_workqueue('vio')).toBeNull()
    })
  })
})

describe('flush_work on a queue that runs one work item at a time', () => {
  it('is recursion for lockdep if work of the queue calls it, even if the wait would end', ({ machine }) => {
    const queue = run(machine, () => queueOf('vio'))
    const later = workOf(() => undefined)
    run(machine, () => {
      const first = workOf(() => flush_work(later))
      queue_work(queue, later)
      queue_work(queue, first)
    })
    machine.settle()
    // The work had already run: there was nothing to wait for, and lockdep was not called.
    expect(eventsOf(machine, 'lock.report')).toEqual([])
    run(machine, () => {
      queue_work(
        queue,
        workOf(() => {
          queue_work(queue, later)
          flush_work(later)
        }),
      )
    })
    machine.settle()
    expect(eventsOf(machine, 'lock.report')).toMatchObject([
      { report: 'recursive-locking', lock: '(wq_completion)"vio"' },
    ])
    expect(machine.outcome).toBe('deadlock')
  })

  it('counts as taking the queue under the locks of the caller', ({ machine }) => {
    const lock = new mutex('of_mutex')
    const queue = run(machine, () => queueOf('vio'))
    run(machine, () => {
      const work = workOf(() => undefined)
      queue_work(queue, work)
      mutex_lock(lock)
      flush_work(work)
      mutex_unlock(lock)
      queue_work(
        queue,
        workOf(() => {
          mutex_lock(lock)
          mutex_unlock(lock)
        }),
      )
    })
    machine.settle()
    expect(eventsOf(machine, 'lock.report')).toMatchObject([{ report: 'lock-order', lock: 'of_mutex' }])
  })
})

describe('a completion', () => {
  it('lets a task continue as soon as work has completed it', ({ machine }) => {
    const done: string[] = []
    const left = run(machine, () => {
      const queue = must(alloc_workqueue('hotplug', WQ_UNBOUND, 1))
      const x = new completion('hotplug_done')
      init_completion(x)
      queue_work(
        queue,
        workOf(() => {
          done.push('first')
          complete(x)
        }),
      )
      queue_work(
        queue,
        workOf(() => done.push('second')),
      )
      wait_for_completion(x)
      return x.done
    })
    expect([left, done]).toEqual([0, ['first']])
    machine.settle()
    expect(done).toEqual(['first', 'second'])
  })

  it('that is already complete causes no wait', ({ machine }) => {
    run(machine, () => {
      const x = new completion('done')
      complete(x)
      wait_for_completion(x)
      expect(x.done).toBe(0)
    })
  })

  it.each([
    ['never completes', () => undefined],
    [
      'cannot complete because it died',
      () => {
        oops('x')
      },
    ],
  ])('that a worker %s is waited for forever, and a report is printed', (_what, func) => {
    const machine = boot()
    const result = machine.task('init', () => {
      queue_work(must(alloc_workqueue('hotplug', 0, 0)), workOf(func))
      wait_for_completion(new completion('hotplug_done'))
    })
    expect(result).toBeNull()
    expect(eventsOf(machine, 'hang')).toMatchObject([
      { lock: 'hotplug_done', holder: 'nobody: no task is left that could complete it' },
    ])
    expect(machine.console).toContain('INFO: task init:2 blocked for more than 10 seconds.')
  })

  it('is waited for forever if the only work left keeps queueing itself', () => {
    const machine = boot({}, { callChains: false })
    machine.task('init', () => {
      const queue = must(alloc_workqueue('hotplug', 0, 1))
      queue_work(
        queue,
        workOf((work) => queue_work(queue, work)),
      )
      wait_for_completion(new completion('done'))
    })
    expect(machine.outcome).toBe('deadlock')
  })

  it('is a sleep in atomic context if waited for under a spinlock', ({ machine }) => {
    run(machine, function waiting_function() {
      const x = new completion('done')
      complete(x)
      spin_lock(new spinlock('lock'))
      wait_for_completion(x)
    })
    expect(eventsOf(machine, 'lock.report')).toMatchObject([
      { report: 'sleep-in-atomic', lock: 'lock', holder: 'waiting_function' },
    ])
  })
})
