// SPDX-License-Identifier: GPL-2.0-only
// Runs what the kernel deferred. Only `DeferredQueue` of the machine decides what runs next.
import { hang, type Deferred, type Machine, type RunningWork } from '@pfo-workbench/machine'
import { release } from './allocation.ts'

/** A workqueue. C only has its address. */
export interface Workqueue {
  readonly name: string
  /** Maximum number of work items that run at once; 1 for an ordered queue. */
  readonly maxActive: number
}

const key = Symbol('workqueue')

/** The existing workqueues, by address. */
export function workqueuesOf(machine: Machine): Map<bigint, Workqueue> {
  return machine.stateOf(key, () => new Map<bigint, Workqueue>())
}

/** Bit 0 of `work_struct.data`, `WORK_STRUCT_PENDING_BIT`. */
export const pendingBit = 1n

/**
 * Values below this one are offsets, not functions: `kfree_rcu` passes the offset of the head
 * (include/linux/rcupdate.h).
 */
const largestOffset = 4096n

/**
 * Maximum number of items in one run of the queues. Time stands still, so an item that always requeues itself would
 * never end.
 */
const maxItemsPerSettling = 10000

function mayStart(machine: Machine, { kind, queue }: Deferred): boolean {
  if (kind !== 'work') return true
  const maxActive = workqueuesOf(machine).get(queue)?.maxActive ?? 1
  return machine.deferred.running.filter((running) => running.queue === queue).length < maxActive
}

/**
 * Runs the next deferred item as a task of its own.
 *
 * @param wanted - considers only items for which this returns true
 * @returns false if no item can run
 */
export function runNext(machine: Machine, wanted?: (one: Deferred) => boolean): boolean {
  const next = machine.deferred.take((one) => mayStart(machine, one), wanted)
  if (next === null) return false
  if (next.kind === 'work') runWork(machine, next)
  else if (next.kind === 'rcu') runCallback(machine, next)
  else runTimer(machine, next)
  return true
}

/** Runs all deferred items, including those that they defer. */
export function settle(machine: Machine): void {
  for (let count = 0; count < maxItemsPerSettling && runNext(machine); count++);
}

/** Models `process_one_work` (kernel/workqueue.c): running work may be queued again. */
function runWork(machine: Machine, { object, queue }: Deferred): void {
  const name = workqueuesOf(machine).get(queue)?.name ?? 'events'
  const done = machine.task(`kworker/${name}`, () => {
    const running: RunningWork = { object, queue, pid: machine.current.pid }
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
 * Waits until a work item is neither pending nor running. Workers run it, not the caller. Waits forever for work that
 * never ends: because its worker died or is blocked, or because the caller is that work.
 *
 * @returns true if the work was queued
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

/** Waits until all work that is already on a queue has run. */
export function finishQueue(machine: Machine, queue: bigint): void {
  const before = new Set(machine.deferred.waiting.filter((one) => one.queue === queue))
  while (runNext(machine, (one) => before.has(one)));
  const blocking = machine.deferred.running.find((running) => running.queue === queue)
  if (blocking !== undefined) waitForWorker(machine, blocking)
}

function waitForWorker(machine: Machine, { queue, pid }: RunningWork): never {
  const name = workqueuesOf(machine).get(queue)?.name ?? 'events'
  const worker = machine.tasks.find((task) => task.pid === pid)
  if (worker === undefined || worker === machine.current) hang(machine, name, 'its own call chain')
  const label = `${worker.comm}/${String(pid)}`
  hang(machine, name, worker.killed ? `${label}, which an Oops killed` : `${label}, which waits as well`)
}
