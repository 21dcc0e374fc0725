// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord } from '@pfo-workbench/run'
import { brokenSysfs } from './broken-sysfs.ts'
import { consoleOracle } from './console.ts'
import { deadlock } from './deadlock.ts'
import { duplicateName } from './duplicate-name.ts'
import type { Finding, Oracle } from './finding.ts'
import { interruption } from './interruption.ts'
import { leak } from './leak.ts'
import { lostDevice } from './lost-device.ts'
import { lostNode } from './lost-node.ts'
import { missedUpdate } from './missed-update.ts'
import { oops } from './oops.ts'
import { refcount } from './refcount.ts'
import { sleepInAtomic } from './sleep-in-atomic.ts'
import { staleDevice } from './stale-device.ts'
import { staleLookup } from './stale-lookup.ts'
import { useAfterFree } from './use-after-free.ts'

export { callersOf, holderOf } from './chain.ts'
export { nodeSubject, subjectsOf } from './names.ts'
export { findingKey, type Evidence, type Finding, type Oracle } from './finding.ts'

/** All oracles, in the order in which reports name them. */
export const oracles: readonly Oracle[] = [
  oops,
  deadlock,
  useAfterFree,
  refcount,
  staleLookup,
  leak,
  duplicateName,
  lostNode,
  lostDevice,
  staleDevice,
  missedUpdate,
  brokenSysfs,
  interruption,
  sleepInAtomic,
  consoleOracle,
]

/** What is wrong in a run, by all oracles or by those given. */
export function examine(run: RunRecord, by: readonly Oracle[] = oracles): Finding[] {
  return by.flatMap((oracle) => oracle.examine(run).map((finding) => ({ oracle: oracle.id, ...finding })))
}
