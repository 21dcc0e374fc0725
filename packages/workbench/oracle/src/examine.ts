// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord } from '@pfo-workbench/run'
import { brokenSysfs } from './oracles/broken-sysfs.ts'
import { consoleOracle } from './oracles/console.ts'
import { deadlock } from './oracles/deadlock.ts'
import { duplicateName } from './oracles/duplicate-name.ts'
import type { Finding, Oracle } from './finding.ts'
import { interruption } from './oracles/interruption.ts'
import { leak } from './oracles/leak.ts'
import { leftOver } from './oracles/left-over.ts'
import { lostDevice } from './oracles/lost-device.ts'
import { lostNode } from './oracles/lost-node.ts'
import { lostNotification } from './oracles/lost-notification.ts'
import { lostService } from './oracles/lost-service.ts'
import { memoryLeak } from './oracles/memory-leak.ts'
import { missedUpdate } from './oracles/missed-update.ts'
import { oops } from './oracles/oops.ts'
import { refcount } from './oracles/refcount.ts'
import { sleepInAtomic } from './oracles/sleep-in-atomic.ts'
import { staleDevice } from './oracles/stale-device.ts'
import { staleLookup } from './oracles/stale-lookup.ts'
import { useAfterFree } from './oracles/use-after-free.ts'

/** All oracles, in the order that reports use. */
export const oracles: readonly Oracle[] = [
  oops,
  deadlock,
  useAfterFree,
  refcount,
  staleLookup,
  leak,
  memoryLeak,
  duplicateName,
  lostNode,
  lostDevice,
  staleDevice,
  lostService,
  lostNotification,
  leftOver,
  missedUpdate,
  brokenSysfs,
  interruption,
  sleepInAtomic,
  consoleOracle,
]

/** Runs the given oracles, by default all, over a run and returns their findings. */
export function examine(run: RunRecord, by: readonly Oracle[] = oracles): Finding[] {
  const examined = withoutBrokenOffState(run)
  return by.flatMap((oracle) => oracle.examine(examined))
}

/**
 * Leaves out the last step and the memory of a run that reached a missing function. Such a run ends in the middle of a
 * step: its events happened, but the state after them is not one of a kernel at rest. A run that consists only of the
 * boot stays as it is.
 */
function withoutBrokenOffState(run: RunRecord): RunRecord {
  if (run.outcome !== 'unmodelled' || run.steps.length < 2) return run
  const kept = { ...run, steps: run.steps.slice(0, -1) }
  delete kept.memory
  return kept
}
