// SPDX-License-Identifier: GPL-2.0-only
import { hangSilently, spinForever } from '@pfo-workbench/kernel'

/**
 * Maximum number of calls in a loop that only firmware can end. The kernel has no limit and would loop forever. No
 * correct firmware needs this many calls.
 */
const MAX_CALLS = 10_000

/**
 * Calls firmware until its answer ends the loop.
 *
 * @param call - makes one call and returns its status
 * @param goesOn - handles the answer and decides whether to call again
 * @param giveUp - ends the task after too many calls; never returns
 * @returns the last status
 */
function callWhile(call: () => number, goesOn: (status: number) => boolean, giveUp: () => never): number {
  for (let calls = 0; calls < MAX_CALLS; calls++) {
    const status = call()
    if (!goesOn(status)) return status
  }
  return giveUp()
}

/**
 * Like `callWhile`, but never yields the processor: an endless loop is a soft lockup.
 *
 * @param service - name of the service, for the report
 */
export function spinWhile(service: string, call: () => number, goesOn: (status: number) => boolean): number {
  return callWhile(call, goesOn, () => spinForever(service))
}

/**
 * Like `spinWhile`, but sleeps between the calls: in an endless loop the task never returns, and no watchdog notices
 * it.
 */
export function sleepWhile(service: string, call: () => number, goesOn: (status: number) => boolean): number {
  return callWhile(call, goesOn, () => hangSilently(service, 'firmware'))
}
