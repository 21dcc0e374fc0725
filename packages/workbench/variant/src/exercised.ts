// SPDX-License-Identifier: GPL-2.0-only
import type { ChangedStatement } from '@pfo-workbench/run'

/** A changed statement, and the scenarios in which it ran. */
export interface StatementExercise extends ChangedStatement {
  /** Ids of the scenarios in which it ran. Runs with unknown hits are left out. */
  readonly scenarios: readonly string[]
}

/**
 * Computes in which scenarios each changed statement ran.
 *
 * @param statements - the changed statements of the variant
 * @param runs - scenarios with the hits of their runs; null if unknown
 */
export function exerciseOf(
  statements: readonly ChangedStatement[],
  runs: readonly (readonly [scenario: string, hits: readonly number[] | null])[],
): StatementExercise[] {
  const sets = runs.map(([scenario, hits]) => ({ scenario, hits: new Set(hits) }))
  return statements.map((statement, index) => ({
    ...statement,
    scenarios: sets.filter(({ hits }) => hits.has(index)).map(({ scenario }) => scenario),
  }))
}
