// SPDX-License-Identifier: GPL-2.0-only
import { runOne, type Stack, type VariantSummary } from '@pfo-workbench/compare'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine, RunRecord, Scenario } from '@pfo-workbench/run'
import { UsageError } from './usage-error.ts'

/** The error for a variant that cannot be run. */
export function notRunnableError(id: string, status: VariantSummary['status'], reason: string): UsageError {
  return new UsageError(`${id} cannot be run: ${status}\n${reason}`)
}

/**
 * Plays one scenario on one variant.
 *
 * @param trace - also record events that no oracle needs
 * @throws UsageError if the variant cannot be run
 */
export async function playOne(
  engine: Engine<PatchSeries>,
  stack: Stack,
  scenario: Scenario,
  trace: boolean,
): Promise<RunRecord> {
  const result = await runOne(engine, stack, scenario, trace)
  if (result.status === 'ok') return result.run
  throw notRunnableError(stack.id, result.status, result.reason)
}
