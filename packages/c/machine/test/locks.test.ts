// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  clearLock,
  downRead,
  downReadTryLock,
  downWrite,
  downWriteTryLock,
  mightSleep,
  mutexLock,
  mutexTryLock,
  mutexUnlock,
  oops,
  readLock,
  pointerTo,
  readUnlock,
  restoreMachine,
  saveMachine,
  spinLock,
  spinTryLock,
  spinUnlock,
  upRead,
  upWrite,
  writeLock,
  type Machine,
  type MachineOptions,
} from '../src/index.ts'
import { fakeMachine } from '../src/fake/index.ts'

function machineWithLocks(options: Partial<MachineOptions> = {}): { machine: Machine; a: bigint; b: bigint } {
  const { machine } = fakeMachine({ data: { a: 16, b: 16 }, options })
  return { machine, a: machine.pointerTo('a'), b: machine.pointerTo('b') }
}

const reports = (machine: Machine, type: string): unknown[] =>
  machine.journal.events.filter((event) => event.type === type).map(({ fields }) => fields)

describe('a spinlock', () => {
  it('keeps its state in its own word', () => {
    const { machine, a } = machineWithLocks()
    machine.task('init', () => {
      spinLock(machine, a)
      expect(machine.checked.u32(a)).not.toBe(0)
      spinUnlock(machine, a)
      expect(machine.checked.u32(a)).toBe(0)
      expect(machine.current).toMatchObject({ preemptCount: 0, held: [] })
    })
  })

  it('is never given to a task that already holds it', () => {
    const { machine, a } = machineWithLocks()
    machine.task('init', () => {
      spinLock(machine, a)
      spinLock(machine, a)
    })
    expect(machine.outcome).toBe('deadlock')
    expect(reports(machine, 'hang')).toEqual([{ lock: 'a', holder: 'its own call chain', held: ['a'] }])
    expect(reports(machine, 'lock.report')).toMatchObject([{ report: 'recursive-locking', lock: 'a' }])
    expect(machine.journal.console).toContain('rcu: INFO: rcu_sched self-detected stall on CPU')
  })

  it('makes sleeping an error until it is released', () => {
    const { machine, a, b } = machineWithLocks()
    machine.task('init', () => {
      spinLock(machine, a)
      mutexLock(machine, b)
      mutexUnlock(machine, b)
      spinUnlock(machine, a)
      mightSleep(machine, 'mm/slab.h')
    })
    expect(reports(machine, 'lock.report')).toMatchObject([{ report: 'sleep-in-atomic' }])
    expect(machine.journal.console[0]).toBe(
      'BUG: sleeping function called from invalid context at kernel/locking/mutex.c:0',
    )
  })

  it('causes no console report without lock debugging', () => {
    const { machine, a } = machineWithLocks({ lockDebugging: false })
    machine.task('init', () => {
      spinLock(machine, a)
      mightSleep(machine, 'mm/slab.h')
    })
    expect(reports(machine, 'lock.report')).toHaveLength(1)
    expect(machine.journal.console).toEqual([])
  })

  it('released by a task that does not hold it is reported', () => {
    const { machine, a } = machineWithLocks()
    machine.task('init', () => spinUnlock(machine, a))
    expect(reports(machine, 'lock.report')).toMatchObject([{ report: 'bad-unlock-balance', lock: 'a' }])
  })
})

describe('a lock whose holder is gone', () => {
  it('names the task that an Oops killed', () => {
    const { machine, a } = machineWithLocks()
    machine.task('first', () => {
      spinLock(machine, a)
      oops(machine, { kind: 'trap' })
    })
    machine.task('second', () => spinLock(machine, a))
    expect(reports(machine, 'hang')).toMatchObject([{ holder: 'first/1, which an Oops killed' }])
    expect(machine.outcome).toBe('oops')
    expect(machine.tasks.map(({ state }) => state)).toEqual(['dead', 'blocked'])
  })

  it('names the task that returned without releasing it', () => {
    const { machine, a } = machineWithLocks()
    machine.task('first', () => spinLock(machine, a))
    machine.task('second', () => spinLock(machine, a))
    expect(reports(machine, 'hang')).toMatchObject([{ holder: 'first/1, which left without releasing it' }])
  })

  it('names a holder that is itself waiting', () => {
    const { machine, a } = machineWithLocks()
    machine.task('first', () => {
      spinLock(machine, a)
      spinLock(machine, a)
    })
    machine.task('second', () => spinLock(machine, a))
    expect(reports(machine, 'hang').at(-1)).toMatchObject({ holder: 'first/1, which waits as well' })
  })
})

describe('the end of a task', () => {
  it('sleeps, which an Oops under a spinlock must not', () => {
    const { machine, a } = machineWithLocks()
    machine.task('init', () => {
      spinLock(machine, a)
      oops(machine, { kind: 'trap' })
    })
    expect(reports(machine, 'lock.report')).toEqual([
      { report: 'sleep-in-atomic', lock: '', function: 'exit_signals', holder: null },
    ])
  })
})

describe('a rw semaphore', () => {
  it('admits several readers, and no writer among them', () => {
    const { machine, a } = machineWithLocks()
    machine.task('init', () => {
      downRead(machine, a)
      downRead(machine, a)
      expect(downWriteTryLock(machine, a)).toBe(false)
      upRead(machine, a)
      upRead(machine, a)
      expect(machine.checked.u64(a)).toBe(0n)
      expect(downWriteTryLock(machine, a)).toBe(true)
      upWrite(machine, a)
    })
    expect(machine.outcome).toBe('completed')
  })

  it('admits no further reader once a writer is waiting', () => {
    const { machine, a } = machineWithLocks()
    machine.task('reader', () => downRead(machine, a))
    machine.task('writer', () => downWrite(machine, a))
    machine.task('trying', () => expect(downReadTryLock(machine, a)).toBe(false))
    machine.task('late', () => downRead(machine, a))
    expect(machine.tasks.map(({ comm, state }) => [comm, state])).toEqual([
      ['reader', 'dead'],
      ['writer', 'blocked'],
      ['trying', 'dead'],
      ['late', 'blocked'],
    ])
    expect(reports(machine, 'hang').at(-1)).toMatchObject({ holder: 'writer/2, which waits to write' })
  })

  it('is not taken by a writer while another writer is waiting, even if it has no holder', () => {
    const { machine, a } = machineWithLocks()
    machine.task('reader', () => downRead(machine, a))
    machine.task('writer', () => downWrite(machine, a))
    machine.task('releasing', () => upRead(machine, a))
    expect(machine.checked.u64(a)).toBe(0n)
    machine.task('trying', () => expect(downWriteTryLock(machine, a)).toBe(false))
    for (const name of ['late', 'later']) machine.task(name, () => downWrite(machine, a))
    expect(machine.tasks.map(({ comm, state }) => [comm, state])).toEqual([
      ['reader', 'dead'],
      ['writer', 'blocked'],
      ['releasing', 'dead'],
      ['trying', 'dead'],
      ['late', 'blocked'],
      ['later', 'blocked'],
    ])
    expect(reports(machine, 'hang')).toMatchObject([
      { holder: 'reader/1, which left without releasing it' },
      { holder: 'writer/2, which waits to write' },
      { holder: 'writer/2, which waits to write' },
    ])
  })

  it('has no waiting writer in a restored machine without one, nor after it was initialized again', () => {
    const { machine, a } = machineWithLocks()
    const saved = saveMachine(machine)
    const waitToWrite = (): void => {
      machine.task('reader', () => downRead(machine, a))
      machine.task('writer', () => downWrite(machine, a))
    }
    waitToWrite()
    restoreMachine(machine, saved)
    machine.task('trying', () => expect(downWriteTryLock(machine, a)).toBe(true))
    restoreMachine(machine, saved)
    waitToWrite()
    clearLock(machine, a)
    machine.task('trying', () => expect(downWriteTryLock(machine, a)).toBe(true))
    expect(machine.tasks.at(-1)).toMatchObject({ state: 'dead' })
  })
})

describe('a mutex', () => {
  it('held by another task is reported as in the kernel, and the task waits forever', () => {
    const { machine, a } = machineWithLocks()
    machine.task('init', () => {
      machine.checked.setU64(a, 1n)
      mutexLock(machine, a)
    })
    expect(machine.journal.console[0]).toBe('INFO: task init:1 blocked for more than 10 seconds.')
    expect(machine.outcome).toBe('deadlock')
  })

  it('can be tried', () => {
    const { machine, a } = machineWithLocks()
    machine.task('init', () => {
      expect(mutexTryLock(machine, a)).toBe(true)
    })
  })
})

describe('a rwlock', () => {
  it('counts readers and excludes writers', () => {
    const { machine, a } = machineWithLocks()
    machine.task('init', () => {
      readLock(machine, a)
      readLock(machine, a)
      readUnlock(machine, a)
      readUnlock(machine, a)
      writeLock(machine, a)
      readLock(machine, a)
    })
    expect(machine.outcome).toBe('deadlock')
  })
})

describe('lockdep', () => {
  const found = (machine: Machine): unknown[] =>
    reports(machine, 'lock.report').map((fields) => (fields as { report: string }).report)

  /** Takes two locks, the outer one first, and releases both. */
  const nest = (machine: Machine, outer: bigint, inner: bigint): void => {
    machine.task('init', () => {
      spinLock(machine, outer)
      spinLock(machine, inner)
      spinUnlock(machine, inner)
      spinUnlock(machine, outer)
    })
  }

  it('finds two locks that are taken in both orders, once', () => {
    const { machine, a, b } = machineWithLocks()
    nest(machine, a, b)
    expect(found(machine)).toEqual([])
    nest(machine, b, a)
    nest(machine, b, a)
    expect(reports(machine, 'lock.report')).toMatchObject([{ report: 'lock-order', lock: 'a' }])
    expect(machine.journal.console).toContain('WARNING: possible circular locking dependency detected')
  })

  it('finds a cycle of three', () => {
    const { machine } = fakeMachine({ data: { a: 16, b: 16, c: 16 } })
    const [a, b, c] = ['a', 'b', 'c'].map((name) => machine.pointerTo(name)) as [bigint, bigint, bigint]
    nest(machine, a, b)
    nest(machine, b, c)
    expect(found(machine)).toEqual([])
    nest(machine, c, a)
    expect(found(machine)).toEqual(['lock-order'])
  })

  it('ignores trylocks', () => {
    const { machine, a, b } = machineWithLocks()
    nest(machine, a, b)
    machine.task('init', () => {
      spinLock(machine, b)
      expect(spinTryLock(machine, a)).toBe(true)
    })
    expect(found(machine)).toEqual([])
  })

  it('ignores the order of locks in objects, whose classes are unknown', () => {
    const { machine, a } = machineWithLocks()
    const object = machine.allocator.allocate({
      size: 16,
      struct: 'thing',
      zeroed: true,
      origin: 'slab',
      callSites: { sites: [] },
    })
    nest(machine, a, pointerTo(object.address))
    nest(machine, pointerTo(object.address), a)
    expect(found(machine)).toEqual([])
  })

  it('is off after its first report', () => {
    const { machine, a, b } = machineWithLocks()
    nest(machine, a, b)
    nest(machine, b, a)
    machine.task('init', () => {
      spinLock(machine, a)
      spinLock(machine, a)
    })
    expect(found(machine)).toEqual(['lock-order'])
    expect(machine.outcome).toBe('deadlock')
  })

  it.each([
    [[6, 1] as const, 1],
    [[4, 18] as const, 0],
  ])('of %s reports sleeping locks inside of spinlocks: %i', ([major, minor], count) => {
    const release = { major, minor, text: '' }
    const { machine, a, b } = machineWithLocks({ release })
    machine.task('init', () => {
      spinLock(machine, a)
      mutexLock(machine, b)
    })
    const lines = machine.journal.console.filter((line) => line === '[ BUG: Invalid wait context ]')
    expect(lines).toHaveLength(count)
    expect(found(machine)).toEqual(['sleep-in-atomic'])
  })

  it('starts afresh with a restored machine', () => {
    const { machine, a, b } = machineWithLocks()
    const saved = saveMachine(machine)
    nest(machine, a, b)
    nest(machine, b, a)
    restoreMachine(machine, saved)
    nest(machine, b, a)
    expect(found(machine)).toEqual([])
  })
})

describe('a task that waits while holding a spinlock', () => {
  it('is reported as scheduling while atomic', () => {
    const { machine, a, b } = machineWithLocks()
    machine.task('other', () => downWrite(machine, b))
    machine.task('init', () => {
      spinLock(machine, a)
      downWrite(machine, b)
    })
    expect(reports(machine, 'lock.report')).toMatchObject([
      { report: 'sleep-in-atomic' },
      { report: 'scheduling-while-atomic' },
    ])
  })
})
