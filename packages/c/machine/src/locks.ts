// SPDX-License-Identifier: GPL-2.0-only
// Locks keep their state in their first word, as in the kernel, so that C code sees it there. The owner of a lock is
// not part of that word, so tasks record the locks that they hold.
import { Halt } from './halt.ts'
import { checkAcquisition } from './lockdep.ts'
import type { Machine } from './machine.ts'
import { describeHolder, printBlocked, printSleepInAtomic, printStack, printStall } from './reports.ts'
import { labelOf } from './task.ts'

/**
 * Models `___might_sleep`: reports a call under a spinlock, with interrupts off or in an RCU section.
 *
 * @param file - location of the check in the kernel
 * @param line - 0 if the check does not run as C, because its line is unknown
 */
export function mightSleep(machine: Machine, file: string, line = 0): void {
  const { preemptCount, irqsDisabled } = machine.current
  if (preemptCount === 0 && irqsDisabled === 0) return
  machine.journal.emit('lock.report', {
    report: 'sleep-in-atomic',
    lock: '',
    function: machine.chainHere()[0]?.function ?? '?',
    holder: null,
  })
  if (machine.options.lockDebugging) printSleepInAtomic(machine, `${file}:${String(line)}`)
}

/** Options of a lock request. */
interface Wanted {
  readonly lock: bigint
  /** Other tasks may hold the lock at the same time. */
  readonly shared: boolean
  /** True if the task sleeps while it waits for the lock. */
  readonly sleeps: boolean
  readonly isFree: boolean
  /** Set for a trylock. It never waits, so lockdep does not check it. */
  readonly tried?: boolean
  /** The waiting writer that gets the lock before this task does. */
  readonly ahead?: string | undefined
}

function acquire(machine: Machine, { lock, shared, sleeps, isFree, tried = false, ahead }: Wanted): void {
  const name = machine.nameOf(lock)
  if (!tried) checkAcquisition(machine, { lock, name, sleeps })
  if (!isFree) waitForever(machine, { lock, sleeps, ahead })
  machine.current.held.push({ lock, name, shared, sleeps })
}

function release(machine: Machine, lock: bigint): void {
  const { held } = machine.current
  const index = held.findLastIndex((one) => one.lock === lock)
  if (index >= 0) {
    held.splice(index, 1)
    return
  }
  const holder = machine.holdersOf(lock)[0]
  if (holder !== undefined) {
    // Another task may release a semaphore, or a read lock of a task that ended.
    const theirs = holder.held.findLastIndex((one) => one.lock === lock)
    holder.held.splice(theirs, 1)
    return
  }
  reportImbalance(machine, lock)
}

/** Models `print_unlock_imbalance_bug` (kernel/locking/lockdep.c). */
function reportImbalance(machine: Machine, lock: bigint): void {
  const name = machine.nameOf(lock)
  const by = machine.chainHere()[0]?.function ?? '?'
  if (machine.options.lockDebugging) {
    machine.journal.print(4, 'WARNING: bad unlock balance detected!')
    machine.journal.print(4, `${labelOf(machine.current)} is trying to release lock (${name}) at:`)
    printStack(machine)
  }
  machine.journal.emit('lock.report', {
    report: 'bad-unlock-balance',
    lock: name,
    function: by,
    holder: null,
  })
}

/**
 * The current task needs a lock that is held. Tasks run one after the other, so the holder is the task itself, a task
 * that ended, or one that waits forever: the lock will never be released. Reports the wait and ends the task.
 */
function waitForever(
  machine: Machine,
  { lock, sleeps, ahead }: Pick<Wanted, 'lock' | 'sleeps' | 'ahead'>,
): never {
  const name = machine.nameOf(lock)
  if (sleeps) printBlocked(machine)
  else printStall(machine)
  hang(machine, name, ahead === undefined ? describeHolder(machine, lock) : `${ahead}, which waits to write`)
}

/**
 * Ends the current task, which waits forever.
 *
 * @param what - the event that the task waits for
 * @param holder - the reason why this event never happens
 * @throws Halt always
 */
export function hang(machine: Machine, what: string, holder: string): never {
  // The task may wait for another one that ended at a missing function.
  if (machine.unmodelled !== null)
    throw new Halt('unmodelled', `${machine.unmodelled.function} is not modelled`)
  const held = machine.current.held.map(({ name }) => name)
  machine.journal.emit('hang', { lock: what, holder, held })
  throw new Halt('deadlock', `${labelOf(machine.current)} waits for ${what}: ${holder}`)
}

/** Value of a lock word that a writer or an exclusive owner holds. */
const owned = 1n

/** Takes a spinlock, whose state is its first word. The holder must not sleep. */
export function spinLock(machine: Machine, lock: bigint, tried = false): void {
  const address = machine.checked.check(lock, 4, true)
  machine.current.preemptCount++
  acquire(machine, { lock, shared: false, sleeps: false, isFree: machine.memory.u32(address) === 0, tried })
  machine.memory.setU32(address, 1)
}

/** @returns true if the lock was free and is now held */
export function spinTryLock(machine: Machine, lock: bigint): boolean {
  const address = machine.checked.check(lock, 4, true)
  if (machine.memory.u32(address) !== 0) return false
  spinLock(machine, lock, true)
  return true
}

export function spinUnlock(machine: Machine, lock: bigint): void {
  machine.memory.setU32(machine.checked.check(lock, 4, true), 0)
  release(machine, lock)
  machine.current.preemptCount--
}

/** Takes a `rwlock_t` for reading. Its first word counts readers, and is negative while a writer holds it. */
export function readLock(machine: Machine, lock: bigint): void {
  const address = machine.checked.check(lock, 4, true)
  const count = machine.memory.s32(address)
  machine.current.preemptCount++
  acquire(machine, { lock, shared: true, sleeps: false, isFree: count >= 0 })
  machine.memory.setU32(address, count + 1)
}

export function readUnlock(machine: Machine, lock: bigint): void {
  const address = machine.checked.check(lock, 4, true)
  machine.memory.setU32(address, machine.memory.s32(address) - 1)
  release(machine, lock)
  machine.current.preemptCount--
}

export function writeLock(machine: Machine, lock: bigint): void {
  const address = machine.checked.check(lock, 4, true)
  machine.current.preemptCount++
  acquire(machine, { lock, shared: false, sleeps: false, isFree: machine.memory.s32(address) === 0 })
  machine.memory.setU32(address, -1)
}

export function writeUnlock(machine: Machine, lock: bigint): void {
  machine.memory.setU32(machine.checked.check(lock, 4, true), 0)
  release(machine, lock)
  machine.current.preemptCount--
}

/** Takes a mutex. Its first word, `owner`, is nonzero while it is held. */
export function mutexLock(machine: Machine, lock: bigint): void {
  mightSleep(machine, 'kernel/locking/mutex.c')
  const address = machine.checked.check(lock, 8, true)
  acquire(machine, { lock, shared: false, sleeps: true, isFree: machine.memory.u64(address) === 0n })
  machine.memory.setU64(address, machine.currentPointer)
}

export function mutexTryLock(machine: Machine, lock: bigint): boolean {
  const address = machine.checked.check(lock, 8, true)
  if (machine.memory.u64(address) !== 0n) return false
  acquire(machine, { lock, shared: false, sleeps: true, isFree: true, tried: true })
  machine.memory.setU64(address, machine.currentPointer)
  return true
}

export function mutexUnlock(machine: Machine, lock: bigint): void {
  machine.memory.setU64(machine.checked.check(lock, 8, true), 0n)
  release(machine, lock)
}

/** Initializes the word of a mutex or an rwsem. */
export function clearLock(machine: Machine, lock: bigint): void {
  machine.waitingWriters.delete(lock)
  machine.memory.setU64(machine.checked.check(lock, 8, true), 0n)
}

/** Increment per reader of the first word of an rwsem, `count`. A writer is 1. */
const oneReader = 256n

/**
 * Takes an rwsem for reading. Once a writer is waiting, no further reader gets the lock before the writer. Here a
 * waiting writer waits forever.
 */
export function downRead(machine: Machine, lock: bigint): void {
  mightSleep(machine, 'kernel/locking/rwsem.c')
  const address = machine.checked.check(lock, 8, true)
  const count = machine.memory.u64(address)
  const ahead = machine.waitingWriters.get(lock)
  const isFree = (count & owned) === 0n && ahead === undefined
  acquire(machine, { lock, shared: true, sleeps: true, isFree, ahead })
  machine.memory.setU64(address, count + oneReader)
}

export function downReadTryLock(machine: Machine, lock: bigint): boolean {
  const address = machine.checked.check(lock, 8, true)
  const count = machine.memory.u64(address)
  if ((count & owned) !== 0n || machine.waitingWriters.has(lock)) return false
  acquire(machine, { lock, shared: true, sleeps: true, isFree: true, tried: true })
  machine.memory.setU64(address, count + oneReader)
  return true
}

export function upRead(machine: Machine, lock: bigint): void {
  const address = machine.checked.check(lock, 8, true)
  const count = machine.memory.u64(address)
  if (count >= oneReader) machine.memory.setU64(address, count - oneReader)
  release(machine, lock)
}

/**
 * Takes an rwsem for writing. If another writer waits already, the task waits for that writer, even if nobody holds the
 * rwsem: the last release gave the rwsem to that writer. Simplified: in the kernel, a writer that spins may take the
 * rwsem before the waiting writer wakes up.
 */
export function downWrite(machine: Machine, lock: bigint): void {
  mightSleep(machine, 'kernel/locking/rwsem.c')
  const address = machine.checked.check(lock, 8, true)
  const ahead = machine.waitingWriters.get(lock)
  const isFree = machine.memory.u64(address) === 0n && ahead === undefined
  if (!isFree && ahead === undefined) machine.waitingWriters.set(lock, labelOf(machine.current))
  acquire(machine, { lock, shared: false, sleeps: true, isFree, ahead })
  machine.memory.setU64(address, owned)
}

/** Takes an rwsem for writing if no task holds the rwsem or waits to write. @returns true if the task took it */
export function downWriteTryLock(machine: Machine, lock: bigint): boolean {
  const address = machine.checked.check(lock, 8, true)
  if (machine.memory.u64(address) !== 0n || machine.waitingWriters.has(lock)) return false
  acquire(machine, { lock, shared: false, sleeps: true, isFree: true, tried: true })
  machine.memory.setU64(address, owned)
  return true
}

export function upWrite(machine: Machine, lock: bigint): void {
  machine.memory.setU64(machine.checked.check(lock, 8, true), 0n)
  release(machine, lock)
}

/** Converts a writer into a reader without releasing the lock. */
export function downgradeWrite(machine: Machine, lock: bigint): void {
  machine.memory.setU64(machine.checked.check(lock, 8, true), oneReader)
  const { held } = machine.current
  const index = held.findLastIndex((one) => one.lock === lock)
  const own = held[index]
  if (own !== undefined) held[index] = { ...own, shared: true }
}
