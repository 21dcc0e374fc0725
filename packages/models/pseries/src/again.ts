// SPDX-License-Identifier: GPL-2.0-only
import { hangSilently, spinForEver } from '@pfo-workbench/kernel'

/**
 * Most calls of one loop that goes on as long as firmware says so. The kernel counts nothing and would go on for ever; no
 * firmware that means to end needs as many.
 */
const MAX_CALLS = 10_000

/**
 * Calls firmware as long as its answers ask for it.
 *
 * @param call - one call; gives its status
 * @param goesOn - does what the answer says and decides whether to call again
 * @param giveUp - never returns; what becomes of a task that firmware keeps for ever
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
 * As `callWhile`, without ever giving up the processor: a firmware that never has enough is a soft lockup.
 *
 * @param service - the service that is called, for the report
 */
export function spinWhile(service: string, call: () => number, goesOn: (status: number) => boolean): number {
  return callWhile(call, goesOn, () => spinForEver(service))
}

/** As `spinWhile`, but sleeping between the calls: the task never comes back, and no watchdog sees that. */
export function sleepWhile(service: string, call: () => number, goesOn: (status: number) => boolean): number {
  return callWhile(call, goesOn, () => hangSilently(service, 'firmware'))
}
