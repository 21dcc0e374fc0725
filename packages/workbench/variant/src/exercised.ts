// SPDX-License-Identifier: GPL-2.0-only
import type { ChangedStatement } from '@pfo-workbench/run'

/** A changed statement, and where it ran. */
export interface StatementExercise extends ChangedStatement {
  /** Ids of the scenarios in which it ran. Runs of which nobody knows are not among them. */
  readonly scenarios: readonly string[]
}

/**
 * In which scenarios each changed statement ran.
 *
 * @param statements - those of the variant
 * @param runs - scenarios with the hits of their runs; null for a run of which they are not known
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
