// SPDX-License-Identifier: GPL-2.0-only
// Runs what the kernel put off. Which of it runs next is decided by `DeferredQueue` of the machine alone.
import { hang, type Deferred, type Machine, type Running } from '@pfo-workbench/machine'
import { release } from './allocation.ts'

/** A workqueue: to C it is only an address. */
export interface Workqueue {
  readonly name: string
  /** How many pieces of its work may run at once; 1 for an ordered queue. */
  readonly maxActive: number
}

const key = Symbol('workqueue')

/** The queues that there are. */
export function workqueuesOf(machine: Machine): Map<bigint, Workqueue> {
  return machine.stateOf(key, () => new Map<bigint, Workqueue>())
}

/** Bit 0 of `work_struct.data`, `WORK_STRUCT_PENDING_BIT`. */
export const pendingBit = 1n

/** Offsets up to here are no functions: `kfree_rcu` passes the offset of the head (include/linux/rcupdate.h). */
const largestOffset = 4096n

/** Most things that one settling runs: what puts itself off again each time has no end, and time stands still. */
const mostInOneSettling = 10000

function mayStart(machine: Machine, { kind, queue }: Deferred): boolean {
  if (kind !== 'work') return true
  const maxActive = workqueuesOf(machine).get(queue)?.maxActive ?? 1
  return machine.deferred.running.filter((running) => running.queue === queue).length < maxActive
}

/**
 * Runs the next of what was put off, as a task of its own.
 *
 * @param wanted - only what fulfils this is considered
 * @returns false if there is nothing that could run
 */
export function runNext(machine: Machine, wanted?: (one: Deferred) => boolean): boolean {
  const next = machine.deferred.take((one) => mayStart(machine, one), wanted)
  if (next === null) return false
  if (next.kind === 'work') runWork(machine, next)
  else if (next.kind === 'rcu') runCallback(machine, next)
  else runTimer(machine, next)
  return true
}

/** Runs all that was put off, and what that puts off in turn. */
export function settle(machine: Machine): void {
  for (let count = 0; count < mostInOneSettling && runNext(machine); count++);
}

/** What `process_one_work` does (kernel/workqueue.c): while work runs, it may be queued again. */
function runWork(machine: Machine, { object, queue }: Deferred): void {
  const name = workqueuesOf(machine).get(queue)?.name ?? 'events'
  const done = machine.task(`kworker/${name}`, () => {
    const running: Running = { object, queue, pid: machine.current.pid }
    machine.deferred.begin(running)
    const work = machine.view('work_struct', object)
    const data = work.addressOf('data')
    machine.memory.setU64(data, machine.memory.u64(data) & ~pendingBit)
    machine.callPointer(work.pointerIn('func'), object)
    return running
  })
  if (done !== null) machine.deferred.end(done)
}

function runCallback(machine: Machine, { object, callback }: Deferred): void {
  machine.task('rcu_sched', () => {
    if (callback < largestOffset) release(machine, object - callback)
    else machine.callPointer(callback, object)
  })
}

/** Timers call their function with the timer since 4.15. */
function runTimer(machine: Machine, { object }: Deferred): void {
  machine.task('timer', () =>
    machine.callPointer(machine.view('timer_list', object).pointerIn('function'), object),
  )
}

/**
 * Waits until a piece of work neither waits nor runs. Workers run it, not the caller. Waits for ever for work that does not
 * end: because its worker died or waits, or because it is the caller.
 *
 * @returns whether it was queued
 */
export function finishWork(machine: Machine, object: bigint): boolean {
  const wasQueued = machine.deferred.has('work', object)
  const queue = machine.deferred.waiting.find((one) => one.kind === 'work' && one.object === object)?.queue
  while (machine.deferred.has('work', object)) {
    if (!runNext(machine, (one) => one.kind === 'work' && one.queue === queue)) break
  }
  const blocking =
    machine.deferred.running.find((running) => running.object === object) ??
    (machine.deferred.has('work', object)
      ? machine.deferred.running.find((running) => running.queue === queue)
      : undefined)
  if (blocking !== undefined) waitForWorker(machine, blocking)
  return wasQueued
}

/** Waits until what was queued on a queue before has run. */
export function finishQueue(machine: Machine, queue: bigint): void {
  const before = new Set(machine.deferred.waiting.filter((one) => one.queue === queue))
  while (runNext(machine, (one) => before.has(one)));
  const blocking = machine.deferred.running.find((running) => running.queue === queue)
  if (blocking !== undefined) waitForWorker(machine, blocking)
}

function waitForWorker(machine: Machine, { queue, pid }: Running): never {
  const name = workqueuesOf(machine).get(queue)?.name ?? 'events'
  const worker = machine.tasks.find((task) => task.pid === pid)
  if (worker === undefined || worker === machine.current) hang(machine, name, 'its own call chain')
  const label = `${worker.comm}/${String(pid)}`
  hang(machine, name, worker.killed ? `${label}, which an Oops killed` : `${label}, which waits as well`)
}
