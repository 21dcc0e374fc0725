// SPDX-License-Identifier: GPL-2.0-only
import { baselineStack, compare, runOne, type Stack } from '@pfo-workbench/compare'
import type { RunRecord, Scenario } from '@pfo-workbench/scenario'
import { cacheOptions } from './cache-command.ts'
import { chooseFinding } from './choose-finding.ts'
import { UsageError } from './errors.ts'
import { explainText, type NamedRun } from './explain-text.ts'
import { print } from './output.ts'
import { Progress } from './progress.ts'
import { chooseScenario, chooseScenarios } from './scenarios.ts'
import { chooseVariant } from './variants.ts'

export interface ExplainArguments {
  readonly variant: string
  readonly finding: readonly string[]
  readonly scenario?: string
  readonly cache: boolean
}

/** A run with everything that happens in it. @throws UsageError when the variant cannot be run */
export async function tracedRun(stack: Stack, scenario: Scenario): Promise<RunRecord> {
  const result = await runOne(stack, scenario, true)
  if (result.status === 'ok') return result.run
  throw new UsageError(`${stack.id} cannot be run: ${result.status}\n${result.reason}`)
}

/** `pfo explain`: the story of one finding. */
export async function explainCommand(args: ExplainArguments): Promise<void> {
  const stack = chooseVariant(args.variant)
  const scenarios = chooseScenarios(args.scenario === undefined ? undefined : [args.scenario])
  const progress = new Progress(process.stderr, process.env)
  try {
    const comparison = await compare({
      stacks: stack === baselineStack ? [] : [stack],
      scenarios,
      interactions: false,
      cache: cacheOptions(args.cache, (message) => {
        progress.say(message)
      }),
      onProgress: (state) => {
        progress.show(state)
      },
    })
    const summary = comparison.variants.find(({ id }) => id === stack.id)
    if (summary?.reason !== undefined)
      throw new UsageError(`${stack.id} cannot be run: ${summary.status}\n${summary.reason}`)
    const { finding, scenario } = chooseFinding(comparison, stack.id, args.finding.join(' '))
    const chosen = chooseScenario(scenario)
    const baseline: NamedRun = { name: 'unpatched', run: await tracedRun(baselineStack, chosen) }
    const variant =
      stack === baselineStack ? baseline : { name: stack.id, run: await tracedRun(stack, chosen) }
    progress.clear()
    await print(explainText(finding, scenario, baseline, variant))
  } finally {
    progress.clear()
  }
}
