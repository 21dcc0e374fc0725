// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord } from '@pfo-workbench/scenario'
import { consoleOracle } from './console.ts'
import { brokenSysfs, interruption, lostDevice, missedUpdate } from './device.ts'
import { deadlock, oopsOracle, sleepInAtomic } from './fatal.ts'
import type { Finding, Oracle } from './finding.ts'
import { leak } from './leak.ts'
import { useAfterFree } from './memory.ts'
import { refcount } from './refcount.ts'
import { staleLookup } from './stale-lookup.ts'
import { duplicateName, lostNode, staleDevice } from './tree.ts'

export { callersOf, holderOf } from './ledger.ts'
export { nodeSubject, subjectsOf } from './names.ts'
export { findingKey, type Evidence, type Finding, type Oracle } from './finding.ts'

/** All oracles, in the order in which reports name them. */
export const oracles: readonly Oracle[] = [
  oopsOracle,
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
