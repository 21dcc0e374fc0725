// SPDX-License-Identifier: GPL-2.0-only
import { baselineStack, compare } from '@pfo-workbench/compare'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { chooseFinding } from './choose-finding.ts'
import { explainText } from './explain-text.ts'
import { playOne, type NamedRun } from './one-run.ts'
import { print } from './output.ts'
import { watched } from './progress.ts'
import { chooseScenario } from './scenarios.ts'
import { chooseVariant } from './variants.ts'

export interface ExplainArguments {
  readonly variant: string
  readonly finding: readonly string[]
  readonly scenario?: string
  readonly cache: boolean
}

/** `pfo explain`: the story of one finding. */
export async function explainCommand(args: ExplainArguments): Promise<void> {
  const stack = chooseVariant(args.variant)
  const scenarios = args.scenario === undefined ? shippedScenarios() : [chooseScenario(args.scenario)]
  const stacks = stack === baselineStack ? [] : [stack]
  const story = await watched({ cache: args.cache, counted: 'runs' }, async (watch) => {
    const comparison = await compare({ stacks, scenarios, interactions: false, ...watch })
    const { finding, scenario } = chooseFinding(comparison, stack.id, args.finding.join(' '))
    // Not by its id alone: it may have come from a file.
    const played = scenarios.find(({ id }) => id === scenario)
    if (played === undefined) throw new RangeError(`${scenario} was not played`)
    const baseline: NamedRun = { name: 'unpatched', run: await playOne(baselineStack, played, true) }
    const variant =
      stack === baselineStack ? baseline : { name: stack.id, run: await playOne(stack, played, true) }
    return explainText(finding, scenario, baseline, variant)
  })
  await print(story)
}
