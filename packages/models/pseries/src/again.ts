// SPDX-License-Identifier: GPL-2.0-only
import { currentTask, emitEvent, Halt, heldNames, spinForEver } from '@pfo-workbench/kernel'

/**
 * Most calls of one loop that goes on as long as firmware says so. The kernel counts nothing and would go on for ever; no
 * firmware that means to end needs as many.
 */
const MAX_CALLS = 10_000

/**
 * Gives up a task that firmware keeps busy: a soft lockup.
 *
 * @param calls - how many calls the loop has made, with the one to come
 * @param service - the service that is called
 */
export function boundSpinning(calls: number, service: string): void {
  if (calls > MAX_CALLS) spinForEver(service)
}

/** As `boundSpinning`, for a loop that sleeps between its calls: the task never comes back, and no watchdog sees that. */
export function boundSleeping(calls: number, service: string): void {
  if (calls <= MAX_CALLS) return
  const task = currentTask()
  emitEvent('hang', { lock: service, holder: 'firmware', held: heldNames(task) })
  throw new Halt('deadlock', `${task.label} asks firmware for (${service}) again and again`)
}
