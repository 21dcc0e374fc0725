// SPDX-License-Identifier: GPL-2.0-only
import type { ChangedStatement } from '@pfo-workbench/run'

/** A changed statement, and in how many scenarios it ran. */
export interface StatementExercise extends ChangedStatement {
  /** Runs of which nobody knows are not among them. */
  readonly scenarios: number
}

/**
 * In how many runs each changed statement ran.
 *
 * @param statements - those of the variant
 * @param runs - the hits of each run; null for one of which they are not known
 */
export function exerciseOf(
  statements: readonly ChangedStatement[],
  runs: readonly (readonly number[] | null)[],
): StatementExercise[] {
  const sets = runs.map((hits) => new Set(hits))
  return statements.map((statement, index) => ({
    ...statement,
    scenarios: sets.filter((hits) => hits.has(index)).length,
  }))
}
