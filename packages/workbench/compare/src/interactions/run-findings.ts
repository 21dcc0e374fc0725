// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import type { RunResult } from '../play/examined-schema.ts'

/** A run; null or undefined for a stack that was not or cannot be played. */
export type StackRun = RunResult | null | undefined

/** True if a run has a finding. */
export const hasFinding = (run: StackRun, key: string): boolean =>
  run?.findings.some((one) => findingKey(one) === key) ?? false

/** True if a run proves that a finding is absent: the run does not have it, although it got past the finding's step. */
export const provesAbsent = (run: StackRun, { oracle, subject, step }: Finding): boolean =>
  run != null &&
  !hasFinding(run, findingKey({ oracle, subject })) &&
  (run.brokenOffIn === null || run.brokenOffIn > step)
