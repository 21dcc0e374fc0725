// SPDX-License-Identifier: GPL-2.0-only
import { runOne, type Stack, type VariantSummary } from '@pfo-workbench/compare'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine, RunRecord, Scenario } from '@pfo-workbench/run'
import { UsageError } from './errors.ts'

/** What is said of a variant that there is no run of. */
export function cannotBeRun(id: string, status: VariantSummary['status'], reason: string): UsageError {
  return new UsageError(`${id} cannot be run: ${status}\n${reason}`)
}

/**
 * Plays one scenario on one variant.
 *
 * @param trace - whether to record also what oracles do not look at
 * @throws UsageError when the variant cannot be run
 */
export async function playOne(
  engine: Engine<PatchSeries>,
  stack: Stack,
  scenario: Scenario,
  trace: boolean,
): Promise<RunRecord> {
  const result = await runOne(engine, stack, scenario, trace)
  if (result.status === 'ok') return result.run
  throw cannotBeRun(stack.id, result.status, result.reason)
}
