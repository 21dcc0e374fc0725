// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  down_read,
  down_write,
  might_sleep,
  mutex,
  mutex_lock,
  mutex_unlock,
  oops,
  raw_spin_lock_irqsave,
  raw_spin_unlock_irqrestore,
  rcu_read_lock,
  rw_semaphore,
  spin_lock,
  spin_lock_irqsave,
  spin_unlock,
  spin_unlock_irqrestore,
  spinlock,
  up_read,
  up_write,
  type Machine,
} from '../src/index.ts'
import { consoleOf, eventsOf, must, run } from '../src/testing.ts'
import { boot, it } from './support.ts'

const rule = (width: number, of = '='): string => of.repeat(width)

describe('a lock', () => {
  it('is free again after its release, in any order', ({ machine }) => {
    const of_mutex = new mutex('of_mutex')
    const devtree_lock = new spinlock('devtree_lock')
    const rwsem = new rw_semaphore('rwsem')
    for (let round = 0; round < 2; round++) {
      run(machine, () => {
        mutex_lock(of_mutex)
        down_write(rwsem)
        raw_spin_lock_irqsave(devtree_lock)
        mutex_unlock(of_mutex)
        raw_spin_unlock_irqrestore(devtree_lock)
        up_write(rwsem)
        down_read(rwsem)
        down_read(rwsem)
        up_read(rwsem)
        up_read(rwsem)
        spin_lock_irqsave(devtree_lock)
        spin_unlock_irqrestore(devtree_lock)
        spin_lock(devtree_lock)
        spin_unlock(devtree_lock)
      })
    }
    const task = machine.tasks.at(-1)
    expect([task?.preempt_count, task?.irqs_disabled, task?.held_locks]).toEqual([0, 0, []])
    expect(machine.outcome).toBe('completed')
  })

  it('is reported once if a task releases it without holding it, and does not change', ({ machine }) => {
    const lock = new mutex('of_mutex')
    const lines = consoleOf(machine, () => {
      run(machine, function releasing_function() {
        mutex_unlock(lock)
        mutex_unlock(lock)
        mutex_lock(lock)
        mutex_unlock(lock)
      })
    })
    expect(lock.holders).toEqual([])
    expect(eventsOf(machine, 'lock.report')).toMatchObject([
      { report: 'bad-unlock-balance', lock: 'of_mutex', function: 'releasing_function' },
    ])
    expect(lines.slice(0, 8)).toEqual([
      rule(37),
      'WARNING: bad unlock balance detected!',
      '4.18.0 Not tainted',
      rule(37, '-'),
      'test/2 is trying to release lock (of_mutex) at:',
      'releasing_function',
      'but there are no more locks to release!',
      'no locks held by test/2.',
    ])
  })

  it('is not reported for a surplus release by a kernel without lock checking', () => {
    const machine = boot({ lockDebugging: false })
    run(machine, () => {
      up_write(new rw_semaphore('rwsem'))
    })
    expect([machine.console, eventsOf(machine, 'lock.report')]).toEqual([[], []])
  })
})

describe('a reader', () => {
  /** Boots a machine on which one task holds a lock for reading and another waits to write. */
  function contended(): { machine: Machine; rwsem: rw_semaphore } {
    const machine = boot()
    const rwsem = new rw_semaphore('rwsem')
    run(machine, () => {
      down_read(rwsem)
    })
    const writer = machine.task('writer', () => {
      down_write(rwsem)
    })
    expect(writer).toBeNull()
    return { machine, rwsem }
  }

  it('shares the lock with another reader while no writer waits', ({ machine }) => {
    const rwsem = new rw_semaphore('rwsem')
    run(machine, () => {
      down_read(rwsem)
    })
    run(machine, () => {
      down_read(rwsem)
      up_read(rwsem)
    })
    expect(machine.outcome).toBe('completed')
  })

  it('that unlocks leaves the lock to the writer that waits: no other writer overtakes it', () => {
    const { machine, rwsem } = contended()
    run(machine, () => {
      up_read(rwsem)
    })
    const writer = machine.task('late', () => {
      down_write(rwsem)
    })
    expect(writer).toBeNull()
    expect(eventsOf(machine, 'hang').at(-1)).toMatchObject({ holder: 'writer/3, which waits to write' })
  })

  it('queues after a waiting writer, even if only readers hold the lock', () => {
    const { machine, rwsem } = contended()
    const reader = machine.task('reader', () => {
      down_read(rwsem)
    })
    expect(reader).toBeNull()
    expect(eventsOf(machine, 'hang')).toMatchObject([
      { holder: 'test/2, which left without releasing it' },
      { lock: 'rwsem', holder: 'writer/3, which waits to write' },
    ])
  })

  it('is not in the list of waiting writers', () => {
    const { machine, rwsem } = contended()
    machine.task('reader', () => {
      down_read(rwsem)
    })
    expect(rwsem.wait_list.map((task) => task.label)).toEqual(['writer/3'])
  })
})

describe('a task that takes a lock held by its own call chain', () => {
  it('waits forever for a mutex, after a lockdep report', ({ machine }) => {
    const of_mutex = new mutex('of_mutex')
    function outer_function(): void {
      mutex_lock(of_mutex)
      inner_function()
    }
    function inner_function(): void {
      mutex_lock(of_mutex)
    }
    const lines = consoleOf(machine, () => {
      expect(machine.task('init', outer_function)).toBeNull()
    })
    expect(machine.outcome).toBe('deadlock')
    expect(machine.tasks.at(-1)?.state).toBe('blocked')
    expect(lines.slice(0, 10)).toEqual([
      rule(44),
      'WARNING: possible recursive locking detected',
      '4.18.0 Not tainted',
      rule(44, '-'),
      'init/2 is trying to acquire lock:',
      '(of_mutex), at: inner_function',
      'but task is already holding lock:',
      '(of_mutex), at: outer_function',
      ' *** DEADLOCK ***',
      '1 lock held by init/2:',
    ])
    expect(lines).toContain(' #0: (of_mutex), at: outer_function')
    expect(lines).toContain('INFO: task init:2 blocked for more than 10 seconds.')
    expect(lines).toContain('"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.')
    expect(eventsOf(machine, 'lock.report')).toMatchObject([
      { report: 'recursive-locking', lock: 'of_mutex', function: 'inner_function' },
    ])
    expect(eventsOf(machine, 'hang')).toMatchObject([
      { lock: 'of_mutex', holder: 'its own call chain', held: ['of_mutex'] },
    ])
  })

  it.each([
    ['its own CPU detects', spin_lock, 'INFO: rcu_sched self-detected stall on CPU'],
    [
      'another CPU detects, because interrupts are off',
      spin_lock_irqsave,
      'INFO: rcu_sched detected stalls on CPUs/tasks:',
    ],
  ])('spins forever on a spinlock, a stall that %s', (_who, take, line) => {
    const machine = boot()
    const lock = new spinlock('devtree_lock')
    const lines = consoleOf(machine, () => {
      machine.task('init', () => {
        take(lock)
        take(lock)
      })
    })
    expect(machine.outcome).toBe('deadlock')
    expect(lines.filter((one) => one.startsWith('INFO: '))).toEqual([line])
  })

  it('waits for all readers, itself included, when it writes', ({ machine }) => {
    const rwsem = new rw_semaphore('(of_reconfig_chain).rwsem')
    machine.task('init', () => {
      down_read(rwsem)
      down_write(rwsem)
    })
    expect(eventsOf(machine, 'hang')).toMatchObject([
      { lock: '(of_reconfig_chain).rwsem', holder: 'its own call chain' },
    ])
  })

  it('waits for itself when it reads under its own write lock', () => {
    const machine = boot({ lockDebugging: false })
    const rwsem = new rw_semaphore('rwsem')
    machine.task('init', () => {
      down_write(rwsem)
      down_read(rwsem)
    })
    expect(machine.outcome).toBe('deadlock')
    expect(eventsOf(machine, 'lock.report')).toEqual([])
  })
})

describe('a lock held by a dead task', () => {
  function dieHolding(machine: Machine, lock: mutex): void {
    machine.task('init', () => {
      mutex_lock(lock)
      oops('Unable to handle kernel paging request for data at address 0x00000090')
    })
  }

  it('stays held: the next task waits forever, and the report names the dead task', ({ machine }) => {
    const lock = new mutex('kernfs_mutex')
    dieHolding(machine, lock)
    expect(machine.outcome).toBe('oops')
    expect(
      machine.task('cat', () => {
        mutex_lock(lock)
      }),
    ).toBeNull()
    expect(eventsOf(machine, 'hang')).toMatchObject([
      { lock: 'kernfs_mutex', holder: 'init/2, which an Oops killed', held: [] },
    ])
    expect(machine.outcome).toBe('oops')
  })

  it('makes a task wait whose own locks block further tasks', ({ machine }) => {
    const first = new mutex('of_mutex')
    const second = new mutex('kernfs_mutex')
    dieHolding(machine, first)
    machine.task('cat', () => {
      mutex_lock(second)
      mutex_lock(first)
    })
    machine.task('ls', () => {
      mutex_lock(second)
    })
    expect(eventsOf(machine, 'hang').map((event) => event.holder)).toEqual([
      'init/2, which an Oops killed',
      'cat/3, which waits as well',
    ])
  })
})

describe('lockdep', () => {
  function takeInOrder(machine: Machine, ...locks: readonly mutex[]): void {
    run(machine, function locking_function() {
      for (const lock of locks) mutex_lock(lock)
      for (const lock of locks) mutex_unlock(lock)
    })
  }

  it('reports two locks that are taken in both orders, once', ({ machine }) => {
    const [a, b] = [new mutex('a'), new mutex('b')]
    takeInOrder(machine, a, b)
    const lines = consoleOf(machine, () => {
      takeInOrder(machine, b, a)
      takeInOrder(machine, a, b)
      takeInOrder(machine, b, a)
    })
    expect(lines.slice(0, 9)).toEqual([
      rule(54),
      'WARNING: possible circular locking dependency detected',
      '4.18.0 Not tainted',
      rule(54, '-'),
      'test/3 is trying to acquire lock:',
      '(a), at: locking_function',
      'but task is already holding lock:',
      '(b), at: locking_function',
      'which lock already depends on the new lock.',
    ])
    expect(eventsOf(machine, 'lock.report')).toMatchObject([{ report: 'lock-order', lock: 'a' }])
    expect(machine.outcome).toBe('completed')
  })

  it('names the innermost held lock as the one that depends on the new lock', ({ machine }) => {
    const [a, b, c] = [new mutex('a'), new mutex('b'), new mutex('c')]
    takeInOrder(machine, c, a)
    const lines = consoleOf(machine, () => {
      run(machine, function locking_function() {
        for (const lock of [a, b, c]) mutex_lock(lock)
        for (const lock of [c, b, a]) mutex_unlock(lock)
      })
    })
    expect(lines.slice(5, 8)).toEqual([
      '(c), at: locking_function',
      'but task is already holding lock:',
      '(b), at: locking_function',
    ])
  })

  it.each([
    ['a third lock', ['ab', 'bc', 'ac'], 'ca'],
    ['a third lock, never taken in the other order before', ['ab', 'bc'], 'ca'],
    ['locks whose orders were recorded from the inside out', ['cd', 'bc', 'ab'], 'da'],
    ['locks whose orders were recorded in no order', ['cd', 'ab', 'bc'], 'da'],
  ])('finds a cycle through %s', (_what, orders, last) => {
    const machine = boot()
    const locks = new Map(['a', 'b', 'c', 'd'].map((name) => [name, new mutex(name)]))
    const take = (order: string): void =>
      takeInOrder(machine, ...order.split('').map((name) => must(locks.get(name))))
    orders.forEach(take)
    expect(eventsOf(machine, 'lock.report')).toEqual([])
    take(last)
    expect(eventsOf(machine, 'lock.report')).toHaveLength(1)
  })

  it('is off after its first report, whatever the report', ({ machine }) => {
    const [a, b, c] = [new mutex('a'), new mutex('b'), new mutex('c')]
    takeInOrder(machine, a, b)
    takeInOrder(machine, b, a)
    machine.task('test', () => {
      mutex_lock(c)
      mutex_lock(c)
    })
    expect(eventsOf(machine, 'lock.report')).toHaveLength(1)
  })

  it('is off after an Oops', ({ machine }) => {
    const [a, b] = [new mutex('a'), new mutex('b')]
    machine.task('test', () => oops('x'))
    takeInOrder(machine, a, b)
    takeInOrder(machine, b, a)
    expect(eventsOf(machine, 'lock.report')).toEqual([])
  })

  it('does not check locks marked novalidate', ({ machine }) => {
    const parent = new mutex('&dev->mutex', { novalidate: true })
    const child = new mutex('&dev->mutex', { novalidate: true })
    const other = new mutex('other')
    takeInOrder(machine, parent, child)
    takeInOrder(machine, other, child)
    takeInOrder(machine, child, other)
    expect(eventsOf(machine, 'lock.report')).toEqual([])
  })

  it('reports nothing in a kernel without lock debugging', () => {
    const machine = boot({ lockDebugging: false })
    const [a, b] = [new mutex('a'), new mutex('b')]
    const lines = consoleOf(machine, () => {
      takeInOrder(machine, a, b)
      takeInOrder(machine, b, a)
    })
    expect(lines).toEqual([])
  })

  it('does not record the functions that take fleeting locks', ({ machine }) => {
    const lock = new mutex('kernfs_mutex', { fleeting: true })
    const spin = new spinlock('sysfs_symlink_target_lock', { fleeting: true })
    run(machine, function holding_function() {
      mutex_lock(lock)
      spin_lock(spin)
      might_sleep('x.c:1')
    })
    expect(machine.console).toContain(' #0: (kernfs_mutex), at: ?')
    expect(machine.console).toContain(' #1: (sysfs_symlink_target_lock), at: ?')
  })

  it('does not know where a lock was taken if the machine records no call chains', () => {
    const machine = boot({}, { callChains: false })
    const lock = new mutex('lock')
    machine.task('test', () => {
      mutex_lock(lock)
      mutex_lock(lock)
    })
    expect(machine.console).toContain('(lock), at: ?')
  })
})

describe('a task that goes back to user space', () => {
  const leave = (body: () => void, config = {}): string[] => {
    const machine = boot(config)
    return consoleOf(machine, () => {
      machine.task('cat', body)
    })
  }

  it('with a lock, or in a read section, causes a report that names the function that took it', () => {
    const lock = new mutex('of_mutex')
    const lines = leave(function taking_function() {
      mutex_lock(lock)
    })
    expect(lines).toContain('WARNING: lock held when returning to user space!')
    expect(lines).toContain('cat/2 is leaving the kernel with locks still held!')
    expect(lines).toContain(' #0: (of_mutex), at: taking_function')
    expect(leave(rcu_read_lock)).toContain('1 lock held by cat/2:')
  })

  it('causes no report if it holds nothing, died, or locks are not checked', () => {
    const lock = new mutex('of_mutex')
    expect(leave(() => undefined)).toEqual([])
    expect(leave(() => mutex_lock(lock), { lockDebugging: false })).toEqual([])
    const died = leave(() => {
      rcu_read_lock()
      oops('x')
    })
    expect(died.filter((line) => line.includes('returning to user space'))).toEqual([])
  })
})

describe('hungTaskTimeout', () => {
  it('is the time after which a blocked task is reported', () => {
    const machine = boot({ hungTaskTimeout: 120 })
    const lock = new mutex('lock')
    machine.task('init', () => {
      mutex_lock(lock)
      mutex_lock(lock)
    })
    expect(machine.console).toContain('INFO: task init:2 blocked for more than 120 seconds.')
  })
})
