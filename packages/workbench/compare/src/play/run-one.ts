// SPDX-License-Identifier: GPL-2.0-only
import type { PatchSeries } from '@pfo-workbench/patch'
import { parseRunRecord, type Engine, type RunRecord, type Scenario } from '@pfo-workbench/run'
import { defaultLimits, runInSandbox } from '@pfo-workbench/variant'
import type { VariantStatus } from '../comparison.ts'
import type { Stack } from '../stacks.ts'
import { Builds } from './builds.ts'
import { jobText } from './play-in-process.ts'
import { playableOf } from './playable.ts'
import { readResult } from './read-result.ts'

/** One run, or the reason why there is none. */
export type RunOrReason =
  | { readonly status: 'ok'; readonly run: RunRecord }
  | { readonly status: Exclude<VariantStatus, 'ok'>; readonly reason: string }

/**
 * Plays one scenario on one stack.
 *
 * @param engine - builds the variant
 * @param trace - also record events that oracles do not use
 * @throws NoPlayableScenarioError if the engine cannot play the scenario
 * @throws VariantError if no variant can be built
 */
export async function runOne(
  engine: Engine<PatchSeries>,
  stack: Stack,
  scenario: Scenario,
  trace: boolean,
): Promise<RunOrReason> {
  return runOnBuild(engine, new Builds(engine, null), stack, scenario, trace)
}

/** Like {@link runOne}, with a variant from `builds`, which may be cached. */
export async function runOnBuild(
  engine: Engine<PatchSeries>,
  builds: Builds,
  stack: Stack,
  scenario: Scenario,
  trace: boolean,
): Promise<RunOrReason> {
  playableOf(engine, [scenario])
  const built = await builds.build(stack, 'checked')
  if (built.status !== 'ok') return { status: built.status, reason: built.reason ?? '' }
  const program = await builds.program(stack, built)
  const texts = [jobText(scenario, { want: 'record', trace })]
  for await (const result of runInSandbox(
    program,
    texts,
    defaultLimits,
    undefined,
    engine.realm ?? 'closed',
  )) {
    const played = readResult(result, parseRunRecord)
    return played.status === 'ok' ? { status: 'ok', run: played.output } : played
  }
  return { status: 'crashed', reason: 'there was no result' }
}
