// SPDX-License-Identifier: GPL-2.0-only
import { hangSilently, waitForEver } from './hang.ts'
import { debug_show_held_locks, lock_map_acquire, lock_map_release, lockdep_map } from './locking/lockdep.ts'
import { currentMachine, currentTask, emitEvent, fileScope, undoAfterTrial } from '../machine/machine.ts'
import { dump_stack } from './panic.ts'
import { pr_err, pr_warn } from './printk.ts'
import { might_sleep } from './sched.ts'
import { kfree, kzalloc } from '../mm/slab.ts'
import { embedded, struct } from '../c/struct.ts'
import type { task_struct } from '../machine/task.ts'

/** `struct work_struct` (include/linux/workqueue.h, v4.18): a function to be run later by a worker. */
export class work_struct extends embedded {
  /** What is run. */
  func: (work: work_struct) => void
  pending = false
  /** To lockdep work that runs is a lock that its worker holds. */
  readonly lockdep_map: lockdep_map

  /**
   * @param name - what lockdep calls the work: `INIT_WORK` makes `(work_completion)(&pw->work)` of its argument,
   *   `DECLARE_WORK` takes the name of the variable
   */
  constructor(func: (work: work_struct) => void, name: string) {
    super()
    this.func = func
    this.lockdep_map = new lockdep_map(name)
  }
}

/** A piece of work that runs, or whose worker was killed by it or waits for ever. */
export interface Running {
  readonly work: work_struct
  readonly worker: task_struct
}

/** `struct workqueue_struct` (kernel/workqueue.c, v4.18). */
export class workqueue_struct extends struct {
  name = ''
  /** To lockdep a queue is a lock that each of its workers holds while work runs. */
  lockdep_map: lockdep_map = new lockdep_map('')
  /** How many pieces of its work may run at once; 1 for an ordered queue. */
  max_active = 1
  readonly list: work_struct[] = []
  readonly running: Running[] = []
  /** How many pieces of work were taken off the list so far. */
  taken = 0
}

/** How many pieces of work of one queue run at once if nobody says otherwise (include/linux/workqueue.h, v4.18). */
export const WQ_DFL_ACTIVE = 256

const workqueues = fileScope(() => ({
  all: [] as workqueue_struct[],
  system_wq: null as workqueue_struct | null,
}))

/**
 * Models `alloc_ordered_workqueue` (include/linux/workqueue.h, v4.18): a queue whose work runs one piece after the other.
 *
 * @returns the queue, for `destroy_workqueue`; null when there is no memory
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

/** Work of the queue runs on any processor (include/linux/workqueue.h, v4.18). */
export const WQ_UNBOUND = 2

/**
 * Models `alloc_workqueue` (include/linux/workqueue.h, v4.18).
 *
 * @param max_active - how many pieces of its work may run at once; 0 for as many as usual
 * @returns the queue, for `destroy_workqueue`; null when there is no memory
 */
export function alloc_workqueue(name: string, _flags: number, max_active: number): workqueue_struct | null {
  const queue = kzalloc(workqueue_struct)
  if (queue !== null) addQueue(queue, name, max_active === 0 ? WQ_DFL_ACTIVE : max_active)
  return queue
}

/** Models `queue_work` (include/linux/workqueue.h, v4.18): false if the work is pending already. */
export function queue_work(queue: workqueue_struct, work: work_struct): boolean {
  if (work.pending) return false
  work.pending = true
  queue.list.push(work)
  emitEvent('work.queue', { queue: queue.name, callback: work.func.name })
  undoAfterTrial(() => {
    work.pending = false
    queue.list.splice(queue.list.indexOf(work), 1)
  })
  return true
}

/** Models `schedule_work` (include/linux/workqueue.h, v4.18): as `queue_work`, on the queue that everybody shares. */
export function schedule_work(work: work_struct): boolean {
  return queue_work(system_wq(), work)
}

/** `system_wq` (kernel/workqueue.c, v4.18), which is there before anything else is: no allocation of anybody's. */
function system_wq(): workqueue_struct {
  const state = workqueues()
  if (state.system_wq !== null) return state.system_wq
  const queue = new workqueue_struct()
  addQueue(queue, 'events', WQ_DFL_ACTIVE)
  state.system_wq = queue
  return queue
}

/**
 * Lets the workers run until nothing is left to do. Work does not run by itself: whoever uses the machine says when it
 * settles, so that a run is the same each time.
 */
export function settleWorkqueues(): void {
  for (let queue = readyQueue(); queue !== undefined; queue = readyQueue()) runWorker(queue, Infinity)
}

/**
 * Lets workers take one piece of work after the other until a condition holds, for a task that waits for it.
 *
 * @returns whether it holds; false once there is nothing left that could make it hold, or only work that queues itself again
 */
export function runWorkersUntil(isDone: () => boolean): boolean {
  for (let pieces = 0; !isDone(); pieces++) {
    const queue = readyQueue()
    if (queue === undefined || pieces === maxPieces) return false
    runWorker(queue, queue.taken + 1)
  }
  return true
}

/** More pieces of work than this, while one task waits, are work that queues itself again. */
const maxPieces = 10_000

function readyQueue(): workqueue_struct | undefined {
  // A trial runs nobody else's code.
  if (currentMachine().trial !== null) return undefined
  return workqueues().all.find(isReady)
}

/** Whether there is work to do and a worker may start with it. */
function isReady(queue: workqueue_struct): boolean {
  return queue.list.length > 0 && queue.running.length < queue.max_active
}

/** A worker, a task of its own, takes work until `end` pieces were taken in all, or none is left. */
function runWorker(queue: workqueue_struct, end: number): void {
  currentMachine().kthread(`kworker/${queue.name}`, () => {
    kthread(queue, end)
  })
}

/** Models `kthread` (kernel/kthread.c, v4.18) for a worker. */
function kthread(queue: workqueue_struct, end: number): void {
  worker_thread(queue, end)
}

/** Models `worker_thread` (kernel/workqueue.c, v4.18). */
function worker_thread(queue: workqueue_struct, end: number): void {
  while (queue.taken < end && queue.list.length > 0) process_one_work(queue)
}

/**
 * Models `process_one_work` (kernel/workqueue.c, v4.18): while it runs, the work may be queued again. The queue and the
 * work are held as far as lockdep is concerned. That whoever flushes waits for them, v4.18 tells it only in `flush_work`, and
 * only of queues that run one piece at a time.
 */
function process_one_work(queue: workqueue_struct): void {
  const work = queue.list.shift()
  if (work === undefined) return
  queue.taken++
  work.pending = false
  const running = { work, worker: currentTask() }
  queue.running.push(running)
  // The work may free itself.
  const maps = [queue.lockdep_map, work.lockdep_map] as const
  for (const map of maps) lock_map_acquire(map)
  emitEvent('work.run', { queue: queue.name, callback: work.func.name })
  work.func(work)
  tellWhatIsLeft(work, maps.length)
  for (const map of maps.toReversed()) lock_map_release(map)
  queue.running.splice(queue.running.indexOf(running), 1)
}

/** What `process_one_work` says of work that came back with locks held besides those of its worker. */
function tellWhatIsLeft({ func }: work_struct, own: number): void {
  const task = currentTask()
  if (task.held_locks.length <= own && task.preempt_count === 0) return
  const { comm, preempt_count, pid } = task
  pr_err('BUG: workqueue leaked lock or atomic: %s/0x%08x/%d\n', comm, preempt_count, pid)
  pr_err('     last function: %s\n', func.name)
  debug_show_held_locks(task)
  dump_stack()
}

/**
 * Models `flush_workqueue` (kernel/workqueue.c, v4.18): what was queued before has run when it returns; workers run it,
 * not the caller. May sleep. Waits for ever for work that does not end: because its worker died, because it needs a lock
 * of the caller, or because it is the caller.
 */
export function flush_workqueue(queue: workqueue_struct): void {
  might_sleep('kernel/locking/mutex.c:908')
  letWorkersTake(queue, queue.list.length)
  const [unfinished] = queue.running
  if (unfinished !== undefined) waitForWork(queue, unfinished)
}

/**
 * Lets workers take the next `count` pieces of work.
 *
 * @returns whether all of them were taken
 */
function letWorkersTake(queue: workqueue_struct, count: number): boolean {
  const end = queue.taken + count
  while (queue.taken < end && isReady(queue) && currentMachine().trial === null) runWorker(queue, end)
  return queue.taken === end
}

function waitForWork({ name }: workqueue_struct, { worker }: Running): never {
  waitForEver({ name, holders: [worker] }, true)
}

/**
 * Models `flush_work` (kernel/workqueue.c, v4.18): the work has run when it returns, and in an ordered queue what was
 * queued before it. May sleep. Waits for ever as `flush_workqueue` does.
 *
 * @returns false when there was nothing to wait for
 */
export function flush_work(work: work_struct): boolean {
  might_sleep('kernel/workqueue.c:2852')
  const wasPending = work.pending
  const queue = queueOf(work)
  if (queue === undefined) return false
  if (queue.max_active === 1) {
    // Work that waits for other work of a queue that runs one piece at a time is recursion, even where it happens to end.
    lock_map_acquire(queue.lockdep_map)
    lock_map_release(queue.lockdep_map)
  }
  const isTaken = letWorkersTake(queue, queue.list.indexOf(work) + 1)
  const blocking = isTaken ? queue.running.find((running) => running.work === work) : queue.running[0]
  if (blocking !== undefined) waitForWork(queue, blocking)
  return wasPending
}

/** The queue on which work waits or else runs. Work that does neither is on none: its last queue may be freed by now. */
function queueOf(work: work_struct): workqueue_struct | undefined {
  const { all } = workqueues()
  return (
    all.find((queue) => queue.list.includes(work)) ??
    all.find((queue) => queue.running.some((running) => running.work === work))
  )
}

/**
 * Models `cancel_work_sync` (kernel/workqueue.c, v4.18): the work is neither pending nor running when it returns. May
 * sleep; waits for ever when called by the work itself, or for work that does not end.
 *
 * @returns whether it was pending
 */
export function cancel_work_sync(work: work_struct): boolean {
  const wasPending = work.pending
  if (wasPending) {
    const list = queueOf(work)?.list
    list?.splice(list.indexOf(work), 1)
    work.pending = false
  }
  flush_work(work)
  return wasPending
}

/**
 * Models `drain_workqueue` (kernel/workqueue.c, v4.18): flushes until nothing is queued any more. Work that queues itself
 * again each time never lets that happen.
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

/** Models `destroy_workqueue` (kernel/workqueue.c, v4.18): all its work has run, then it is freed. May sleep. */
export function destroy_workqueue(queue: workqueue_struct): void {
  drain_workqueue(queue)
  const { all } = workqueues()
  all.splice(all.indexOf(queue), 1)
  kfree(queue)
}
