// SPDX-License-Identifier: GPL-2.0-only
// kernel/workqueue.c, and the timers that delay work.
import {
  hang,
  mightSleep,
  modelled,
  modelledWithAll,
  type HostFunctions,
  type Machine,
} from '@pfo-workbench/machine'
import { finishQueue, finishWork, pendingBit, workqueuesOf } from './deferred-work.ts'
import { named } from './named.ts'

/** `WQ_DFL_ACTIVE`: the default for the maximum number of work items of one queue that run at once. */
const defaultActive = 256

/** Flag of an ordered queue: `__WQ_ORDERED` (include/linux/workqueue.h). */
const __WQ_ORDERED = 1n << 17n

/**
 * `alloc_workqueue(fmt, flags, max_active, ...)`. The name is the unformatted format string. Only reports show the
 * difference.
 */
const allocWorkqueue = modelled(['u64', 'u32', 's32'], (machine, fmt, flags, maxActive) => {
  const ordered = (BigInt(flags) & __WQ_ORDERED) !== 0n
  const name = machine.memory.stringAt(fmt) ?? 'workqueue'
  return createWorkqueue(machine, name, ordered ? 1 : maxActive === 0 ? defaultActive : maxActive)
})

function createWorkqueue(machine: Machine, name: string, maxActive: number): bigint {
  const queue = machine.allocator.reserve(64)
  workqueuesOf(machine).set(queue, { name, maxActive })
  return queue
}

/** Queues that always exist, by the variables that point to them. */
const systemQueues = {
  system_wq: 'events',
  system_percpu_wq: 'events',
  system_highpri_wq: 'events_highpri',
  system_long_wq: 'events_long',
  system_unbound_wq: 'events_unbound',
  system_dfl_wq: 'events_unbound',
  system_freezable_wq: 'events_freezable',
  system_power_efficient_wq: 'events_power_efficient',
  pm_wq: 'pm',
} as const

/** Models `workqueue_init_early` (kernel/workqueue.c). */
export function createSystemWorkqueues(machine: Machine): void {
  for (const [variable, name] of Object.entries(systemQueues)) {
    const pointer = machine.symbols.pointerTo(variable)
    if (pointer !== null) machine.checked.setU64(pointer, createWorkqueue(machine, name, defaultActive))
  }
}

/** @returns false if the work is already queued */
function queueWork(machine: Machine, queue: bigint, work: bigint, delay: bigint): boolean {
  const data = machine.checked.u64(work)
  if ((data & pendingBit) !== 0n) return false
  machine.checked.setU64(work, data | pendingBit)
  machine.deferred.add({ kind: 'work', object: work, callback: 0n, queue, delay })
  return true
}

function cancelWork(machine: Machine, work: bigint): boolean {
  const wasQueued = machine.deferred.cancel('work', work)
  if (wasQueued) machine.checked.setU64(work, machine.checked.u64(work) & ~pendingBit)
  return wasQueued
}

/** After this the work is neither queued nor running. */
const cancelAndWait = modelled(['u64'], (machine, work) => {
  mightSleep(machine, 'kernel/workqueue.c')
  const wasQueued = cancelWork(machine, work)
  finishWork(machine, work)
  return wasQueued
})

const flushWork = modelled(['u64'], (machine, work) => {
  mightSleep(machine, 'kernel/workqueue.c')
  return finishWork(machine, work)
})

const flushWorkqueue = modelled(['u64'], (machine, queue) => {
  mightSleep(machine, 'kernel/workqueue.c')
  finishQueue(machine, queue)
})

/** Number of flushes after which a queue is assumed never to become empty. */
const maxDrains = 1000

function drain(machine: Machine, queue: bigint): void {
  mightSleep(machine, 'kernel/workqueue.c')
  for (let count = 0; machine.deferred.waiting.some((one) => one.queue === queue); count++) {
    if (count === maxDrains) {
      hang(machine, workqueuesOf(machine).get(queue)?.name ?? '?', 'work that queues itself again')
    }
    finishQueue(machine, queue)
  }
  finishQueue(machine, queue)
}

export const workqueue: HostFunctions = {
  ...named(allocWorkqueue, 'alloc_workqueue', 'alloc_workqueue_noprof', '__alloc_workqueue_key'),
  destroy_workqueue: modelled(['u64'], (machine, queue) => {
    drain(machine, queue)
    workqueuesOf(machine).delete(queue)
  }),
  drain_workqueue: modelled(['u64'], drain),
  queue_work_on: modelled(['s32', 'u64', 'u64'], (machine, _cpu, queue, work) =>
    queueWork(machine, queue, work, 0n),
  ),
  /** A `delayed_work` begins with its work. */
  queue_delayed_work_on: modelled(['s32', 'u64', 'u64', 'u64'], (machine, _cpu, queue, work, delay) =>
    queueWork(machine, queue, work, delay),
  ),
  mod_delayed_work_on: modelled(['s32', 'u64', 'u64', 'u64'], (machine, _cpu, queue, work, delay) => {
    const wasQueued = cancelWork(machine, work)
    queueWork(machine, queue, work, delay)
    return wasQueued
  }),
  ...named(flushWork, 'flush_work', 'flush_delayed_work'),
  ...named(flushWorkqueue, 'flush_workqueue', '__flush_workqueue'),
  flush_scheduled_work: modelled([], (machine) => {
    finishQueue(machine, machine.checked.u64(machine.pointerTo('system_wq')))
  }),
  ...named(cancelAndWait, 'cancel_work_sync', 'cancel_delayed_work_sync'),
  ...named(modelled(['u64'], cancelWork), 'cancel_work', 'cancel_delayed_work'),
  /** The timer function of delayed work. The machine itself queues such work after its delay. */
  delayed_work_timer_fn: modelled([], () => {
    throw new Error('the timer of delayed work does not run')
  }),
  /**
   * `async_schedule_node(func, data, node)`: calls the function with `data` and a number. The function may run at once.
   */
  async_schedule_node: modelled(['u64', 'u64'], (machine, func, data) => {
    machine.callPointer(func, data, 0n)
    return 0n
  }),
  async_synchronize_full: modelledWithAll(() => 0n),
}
