// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import type { RunResult } from '../play/examined-schema.ts'

/** A run; null or undefined for a stack that was not or cannot be played. */
export type Run = RunResult | null | undefined

/** True if a run has a finding. */
export const has = (run: Run, key: string): boolean =>
  run?.findings.some((one) => findingKey(one) === key) ?? false

/** True if a run proves that a finding is absent: it got past the finding's step. */
export const lacks = (run: Run, { oracle, subject, step }: Finding): boolean =>
  run != null &&
  !has(run, findingKey({ oracle, subject })) &&
  (run.brokenOffIn === null || run.brokenOffIn > step)
