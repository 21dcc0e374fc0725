// SPDX-License-Identifier: GPL-2.0-only
import { hangSilently, waitForever } from './hang.ts'
import { areLocksChecked } from './locking/debug-locks.ts'
import { debug_show_held_locks, lock_map_acquire, lock_map_release, lockdep_map } from './locking/lockdep.ts'
import { currentMachine, currentTask, emitEvent, fileScope, undoAfterTrial } from '../machine/machine.ts'
import { dump_stack } from './panic.ts'
import { pr_err, pr_warn } from './printk.ts'
import { __schedule_bug, might_sleep } from './sched.ts'
import { kfree, kzalloc } from '../mm/slab.ts'
import { embedded, struct } from '../c/struct.ts'
import type { task_struct } from '../machine/task.ts'

/** `struct work_struct` (include/linux/workqueue.h, v4.18): a function that a worker runs later. */
export class work_struct extends embedded {
  /** The worker calls it with this work item. */
  func: (work: work_struct) => void
  pending = false
  /** For lockdep, running work is a lock that its worker holds. */
  readonly lockdep_map: lockdep_map

  /**
   * @param name - lockdep's name of the work. `INIT_WORK` derives `(work_completion)(&pw->work)` from its argument;
   *   `DECLARE_WORK` uses the name of the variable
   */
  constructor(func: (work: work_struct) => void, name: string) {
    super()
    this.func = func
    this.lockdep_map = new lockdep_map(name)
  }
}

/** A work item that is running. It stays listed if it killed its worker or waits forever. */
export interface Running {
  readonly work: work_struct
  readonly worker: task_struct
}

/** `struct workqueue_struct` (kernel/workqueue.c, v4.18). */
export class workqueue_struct extends struct {
  name = ''
  /** For lockdep, a queue is a lock that each of its workers holds while work runs. */
  lockdep_map: lockdep_map = new lockdep_map('')
  /** Maximum number of work items that run at once; 1 for an ordered queue. */
  max_active = 1
  readonly list: work_struct[] = []
  readonly running: Running[] = []
  /** For each task that waits: the work items for which it waits and that are still on the list. */
  readonly awaited: Set<Set<work_struct>> = new Set<Set<work_struct>>()
}

/** Default maximum number of work items of one queue that run at once (include/linux/workqueue.h, v4.18). */
export const WQ_DFL_ACTIVE = 256

const workqueues = fileScope(() => ({
  all: [] as workqueue_struct[],
  system_wq: null as workqueue_struct | null,
}))

/**
 * Models `alloc_ordered_workqueue` (include/linux/workqueue.h, v4.18): a queue that runs one work item at a time, in
 * order.
 *
 * @returns the queue, for `destroy_workqueue`; null if memory is short
 */
export function alloc_ordered_workqueue(name: string): workqueue_struct | null {
  const queue = kzalloc(workqueue_struct)
  if (queue !== null) addQueue(queue, name, 1)
  return queue
}

function addQueue(queue: workqueue_struct, name: string, max_active: number): void {
  queue.name = name
  queue.lockdep_map = new lockdep_map(`(wq_completion)"${name}"`)
  queue.max_active = max_active
  workqueues().all.push(queue)
}

/** Work of the queue runs on any CPU (include/linux/workqueue.h, v4.18). */
export const WQ_UNBOUND = 2

/**
 * Models `alloc_workqueue` (include/linux/workqueue.h, v4.18).
 *
 * @param _flags - `WQ_*`; ignored
 * @param max_active - maximum number of work items that run at once; 0 for the default
 * @returns the queue, for `destroy_workqueue`; null if memory is short
 */
export function alloc_workqueue(name: string, _flags: number, max_active: number): workqueue_struct | null {
  const queue = kzalloc(workqueue_struct)
  if (queue !== null) addQueue(queue, name, max_active === 0 ? WQ_DFL_ACTIVE : max_active)
  return queue
}

/** Models `queue_work` (include/linux/workqueue.h, v4.18). Returns false if the work is already pending. */
export function queue_work(queue: workqueue_struct, work: work_struct): boolean {
  if (work.pending) return false
  work.pending = true
  queue.list.push(work)
  emitEvent('work.queue', { queue: queue.name, callback: work.func.name })
  undoAfterTrial(() => {
    work.pending = false
    removeFrom(queue, work)
  })
  return true
}

/** Takes a work item off the list of its queue. Does not read the work, which may be freed. */
function removeFrom({ list, awaited }: workqueue_struct, work: work_struct): void {
  list.splice(list.indexOf(work), 1)
  for (const works of awaited) works.delete(work)
}

/** Models `schedule_work` (include/linux/workqueue.h, v4.18): `queue_work` on the shared system queue. */
export function schedule_work(work: work_struct): boolean {
  return queue_work(system_wq(), work)
}

/**
 * `system_wq` (kernel/workqueue.c, v4.18). The kernel creates it early in boot. The model creates it at first use,
 * without the allocator, so the creation cannot fail and leaves no event.
 */
function system_wq(): workqueue_struct {
  const state = workqueues()
  if (state.system_wq !== null) return state.system_wq
  const queue = new workqueue_struct()
  addQueue(queue, 'events', WQ_DFL_ACTIVE)
  state.system_wq = queue
  return queue
}

/**
 * Runs the workers until no queue has work that can start. Work never runs on its own: it runs when the user of the
 * machine calls `settle`, or while a task waits for it. Every run of a scenario is therefore the same. Does not return
 * if work keeps queueing itself.
 */
export function settleWorkqueues(): void {
  for (let queue = readyQueue(); queue !== undefined; queue = readyQueue()) runWorker(queue, () => false)
}

/**
 * Runs one work item after another until a condition holds, for a task that waits for it.
 *
 * @returns true if the condition holds; false if it does not and no work can start, or after `maxPieces` work items. In
 *   a trial, no work starts
 */
export function runWorkersUntil(isDone: () => boolean): boolean {
  for (let pieces = 0; !isDone(); pieces++) {
    const queue = readyQueue()
    if (queue === undefined || pieces === maxPieces) return false
    letWorkersTake(queue, queue.list.slice(0, 1))
  }
  return true
}

/**
 * Maximum number of work items that run while one task waits. More than this is taken for work that keeps queueing
 * itself.
 */
const maxPieces = 10_000

function readyQueue(): workqueue_struct | undefined {
  // A trial must not run other tasks.
  if (currentMachine().trial !== null) return undefined
  return workqueues().all.find(isReady)
}

/** Returns whether the queue has work and may start another work item. */
function isReady(queue: workqueue_struct): boolean {
  return queue.list.length > 0 && queue.running.length < queue.max_active
}

/** Runs a worker, as a task of its own, until the condition holds or no work is left. */
function runWorker(queue: workqueue_struct, isDone: () => boolean): void {
  currentMachine().kthread(`kworker/${queue.name}`, () => {
    kthread(queue, isDone)
  })
}

/** Models `kthread` (kernel/kthread.c, v4.18) for a worker. */
function kthread(queue: workqueue_struct, isDone: () => boolean): void {
  worker_thread(queue, isDone)
}

/** Models `worker_thread` (kernel/workqueue.c, v4.18). */
function worker_thread(queue: workqueue_struct, isDone: () => boolean): void {
  while (!isDone() && queue.list.length > 0) process_one_work(queue)
}

/**
 * Models `process_one_work` (kernel/workqueue.c, v4.18). The work may be queued again while it runs. For lockdep, the
 * worker holds the queue and the work. `flush_work` tells lockdep only about its wait for the queue, and only if the
 * queue runs one work item at a time. (v4.18 also does so for queues with a rescuer.)
 */
function process_one_work(queue: workqueue_struct): void {
  const [work] = queue.list
  if (work === undefined) return
  removeFrom(queue, work)
  work.pending = false
  const running = { work, worker: currentTask() }
  queue.running.push(running)
  // Read before the call: the work may free itself.
  const { func } = work
  const maps = [queue.lockdep_map, work.lockdep_map] as const
  for (const map of maps) lock_map_acquire(map)
  emitEvent('work.run', { queue: queue.name, callback: func.name })
  func(work)
  for (const map of maps.toReversed()) lock_map_release(map)
  reportLeakedLocks(func)
  queue.running.splice(queue.running.indexOf(running), 1)
}

/**
 * Part of `process_one_work`: reports a work function that returned with a lock held or in an atomic section. The
 * kernel knows atomic sections only with lock debugging, and held locks only while lockdep is on.
 */
function reportLeakedLocks({ name }: work_struct['func']): void {
  if (!currentMachine().config.lockDebugging) return
  const task = currentTask()
  const { comm, pid, preempt_count } = task
  const depth = areLocksChecked() ? task.held_locks.length : 0
  if (depth === 0 && preempt_count === 0) return
  pr_err('BUG: workqueue leaked lock or atomic: %s/0x%08x/%d\n', comm, preempt_count, pid)
  pr_err('     last function: %s\n', name)
  debug_show_held_locks(task)
  dump_stack()
}

/**
 * Models `flush_workqueue` (kernel/workqueue.c, v4.18): returns after all work that was queued before has run. Workers
 * run it, not the caller. May sleep. Waits forever if a running work item never ends: its worker died, it needs a lock
 * that the caller holds, or it is the caller.
 */
export function flush_workqueue(queue: workqueue_struct): void {
  might_sleep('kernel/locking/mutex.c:908')
  letWorkersTake(queue, queue.list)
  const [unfinished] = queue.running
  if (unfinished !== undefined) waitForWork(queue, unfinished)
}

/**
 * Runs workers until they have taken these work items of the queue, for a task that waits for them. Stops earlier if
 * the queue cannot start more work. No work runs in a trial.
 *
 * @returns true if the workers took all of them, or other work cancelled the rest
 */
function letWorkersTake(queue: workqueue_struct, works: readonly work_struct[]): boolean {
  const awaited = new Set(works)
  const isDone = (): boolean => awaited.size === 0
  queue.awaited.add(awaited)
  while (!isDone() && isReady(queue) && currentMachine().trial === null) {
    __schedule_bug(currentTask())
    runWorker(queue, isDone)
  }
  queue.awaited.delete(awaited)
  return isDone()
}

function waitForWork({ name }: workqueue_struct, { worker }: Running): never {
  waitForever({ name, holders: [worker] }, true)
}

/**
 * Models `flush_work` (kernel/workqueue.c, v4.18): returns after the work has run. In an ordered queue, all earlier
 * work has then run too. May sleep. Waits forever in the same cases as `flush_workqueue`.
 *
 * @returns false if there was nothing to wait for
 */
export function flush_work(work: work_struct): boolean {
  might_sleep('kernel/workqueue.c:2852')
  const wasPending = work.pending
  const queue = queueOf(work)
  if (queue === undefined) return false
  if (queue.max_active === 1) {
    // Tells lockdep that the caller waits for the queue. If the caller is work of this queue, lockdep reports recursive
    // locking before the task waits.
    lock_map_acquire(queue.lockdep_map)
    lock_map_release(queue.lockdep_map)
  }
  const isTaken = letWorkersTake(queue, queue.list.includes(work) ? [work] : [])
  const blocking = isTaken ? queue.running.find((running) => running.work === work) : queue.running[0]
  if (blocking !== undefined) waitForWork(queue, blocking)
  return wasPending
}

/**
 * Returns the queue on which the work is pending, otherwise the queue that runs it. Returns undefined for work that is
 * neither pending nor running: its last queue may be freed by now.
 */
function queueOf(work: work_struct): workqueue_struct | undefined {
  const { all } = workqueues()
  return (
    all.find((queue) => queue.list.includes(work)) ??
    all.find((queue) => queue.running.some((running) => running.work === work))
  )
}

/**
 * Models `cancel_work_sync` (kernel/workqueue.c, v4.18). When it returns, the work is neither pending nor running. May
 * sleep. Waits forever if the work itself calls it, or for work that does not end.
 *
 * @returns true if the work was pending
 */
export function cancel_work_sync(work: work_struct): boolean {
  const wasPending = work.pending
  if (wasPending) {
    const queue = queueOf(work)
    if (queue !== undefined) removeFrom(queue, work)
    work.pending = false
  }
  flush_work(work)
  return wasPending
}

/**
 * Models `drain_workqueue` (kernel/workqueue.c, v4.18): flushes until the queue is empty. If work keeps queueing
 * itself, the model ends the task after 1000 tries, as a silent hang.
 */
function drain_workqueue(queue: workqueue_struct): void {
  flush_workqueue(queue)
  for (let tries = 1; queue.list.length > 0; tries++) {
    if (tries === 10 || tries % 100 === 0) {
      pr_warn("workqueue %s: drain_workqueue() isn't complete after %u tries\n", queue.name, tries)
    }
    if (tries === 1000) hangSilently(queue.name, 'work that queues itself again')
    flush_workqueue(queue)
  }
}

/**
 * Models `destroy_workqueue` (kernel/workqueue.c, v4.18): waits until all work has run, then frees the queue. May
 * sleep.
 */
export function destroy_workqueue(queue: workqueue_struct): void {
  drain_workqueue(queue)
  const { all } = workqueues()
  all.splice(all.indexOf(queue), 1)
  kfree(queue)
}
