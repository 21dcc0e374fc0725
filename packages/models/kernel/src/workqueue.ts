// SPDX-License-Identifier: GPL-2.0-only
import { might_sleep, waitForEver } from './lockdep.ts'
import { currentMachine, fileScope } from './machine.ts'
import { struct } from './slab.ts'
import type { task_struct } from './task.ts'

/** `struct work_struct` (include/linux/workqueue.h): a function to be run later by a worker. */
export class work_struct {
  func: (work: work_struct) => void
  pending = false

  constructor(func: (work: work_struct) => void) {
    this.func = func
  }
}

/** `struct workqueue_struct`: an ordered queue; its work runs one piece after the other. */
export class workqueue_struct extends struct {
  readonly name: string
  readonly list: work_struct[] = []
  /** The worker, if it was killed or waits for ever: what is queued stays queued. */
  stuck: task_struct | null = null

  constructor(name: string) {
    super()
    this.name = name
  }
}

const workqueues = fileScope(() => ({ all: [] as workqueue_struct[] }))

/** Models `alloc_ordered_workqueue` (include/linux/workqueue.h). */
export function alloc_ordered_workqueue(name: string): workqueue_struct {
  const queue = new workqueue_struct(name)
  workqueues().all.push(queue)
  return queue
}

/** Models `queue_work` (kernel/workqueue.c, v4.18): false if the work is pending already. */
export function queue_work(queue: workqueue_struct, work: work_struct): boolean {
  if (work.pending) return false
  work.pending = true
  queue.list.push(work)
  return true
}

/**
 * Lets the workers run until nothing is left to do. Work does not run by itself: whoever uses the machine says when it
 * settles, so that a run is the same each time. Each queue has a worker task of its own.
 */
export function settleWorkqueues(): void {
  const machine = currentMachine()
  for (let queue = pendingQueue(); queue !== undefined; queue = pendingQueue()) {
    const { list, name } = queue
    const done = machine.task(`kworker/${name}`, () => kthread(list))
    if (done === null) queue.stuck = machine.tasks.at(-1) ?? null
  }
}

function pendingQueue(): workqueue_struct | undefined {
  return workqueues().all.find((queue) => queue.list.length > 0 && queue.stuck === null)
}

/** Models `kthread` (kernel/kthread.c) for a worker: true when it came back. */
function kthread(list: work_struct[]): true {
  worker_thread(list)
  return true
}

/** Models `worker_thread` (kernel/workqueue.c, v4.18): works until the queue is empty. */
function worker_thread(list: work_struct[]): void {
  while (list.length > 0) process_one_work(list)
}

function process_one_work(list: work_struct[]): void {
  const work = list.shift()
  if (work === undefined) return
  work.pending = false
  work.func(work)
}

/**
 * Models `flush_workqueue` (kernel/workqueue.c, v4.18): what is queued has run when it returns. May sleep. Nobody runs the
 * work of a worker that does not come back, so whoever waits for that waits for ever.
 */
export function flush_workqueue(queue: workqueue_struct): void {
  might_sleep('kernel/sched/completion.c:99')
  const { name, stuck } = queue
  if (stuck !== null && queue.list.length > 0) waitForEver({ name, holders: [stuck] }, true)
  while (queue.list.length > 0) process_one_work(queue.list)
}
