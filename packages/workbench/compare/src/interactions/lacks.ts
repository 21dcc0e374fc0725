// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import type { ExaminedRun } from '../play/examined.ts'

/** A run; none of a stack that was not or cannot be played. */
export type Run = ExaminedRun | null | undefined

/** Whether a run has a finding. */
export const has = (run: Run, key: string): boolean =>
  run?.findings.some((one) => findingKey(one) === key) ?? false

/** Whether a run says that a finding is not there: it got past the step in which that would have arisen. */
export const lacks = (run: Run, { oracle, subject, step }: Finding): boolean =>
  run != null &&
  !has(run, findingKey({ oracle, subject })) &&
  (run.brokenOffIn === null || run.brokenOffIn > step)
