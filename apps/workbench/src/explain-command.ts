// SPDX-License-Identifier: GPL-2.0-only
import { unpatchedId, unpatchedStack, compare } from '@pfo-workbench/compare'
import { toExplainText, type NamedRun } from '@pfo-workbench/report'
import { printable } from '@pfo-workbench/wording'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { chooseFinding } from './choose-finding.ts'
import { screenFor } from './compare-command.ts'
import { withEngine } from './engine.ts'
import { kernelOptionsToSuggest, type KernelOptions } from './kernel/kernel-options.ts'
import { playOne } from './one-run.ts'
import { print } from './output.ts'
import { withProgress } from './progress.ts'
import { chooseScenario } from './scenarios.ts'
import { shellWords } from './shell.ts'
import { chooseVariant } from './variants.ts'

export interface ExplainArguments extends KernelOptions {
  readonly variant: string
  readonly finding: readonly string[]
  readonly scenario?: string
  readonly cache: boolean
}

/** Maximum number of other findings that are listed; the rest is counted. */
const listed = 20

/** Lists the other findings that match the user's argument. */
function othersText(args: ExplainArguments, others: readonly string[]): string {
  if (others.length === 0) return ''
  const rest = others.length - listed
  return [
    '',
    `Others: ${printable(shellWords(['npx', 'pfo', 'explain', ...kernelOptionsToSuggest(args), args.variant]))} ...`,
    ...others.slice(0, listed).map((name) => `  ${printable(shellWords([name]))}`),
    ...(rest > 0 ? [`  and ${String(rest)} more`] : []),
    '',
  ].join('\n')
}

/** `pfo explain`: explains one finding by the runs of the unpatched kernel and of the variant in one scenario. */
export async function explainCommand(args: ExplainArguments): Promise<void> {
  const scenarios = args.scenario === undefined ? shippedScenarios() : [chooseScenario(args.scenario)]
  const story = await withEngine(args, [args.variant], async (engine) => {
    const stack = await chooseVariant(args.variant, engine)
    const isUnpatched = stack.id === unpatchedId
    return withProgress({ cache: args.cache, counted: 'runs' }, async (watch) => {
      const stacks = isUnpatched ? [] : [stack]
      const comparison = await compare({
        engine,
        stacks,
        scenarios,
        stories: false,
        interactions: false,
        ...watch,
      })
      const { finding, scenario, others } = chooseFinding(comparison, stack.id, args.finding.join(' '))
      // The scenario may come from a file, so look it up among those that were played.
      const played = scenarios.find(({ id }) => id === scenario)
      if (played === undefined) throw new RangeError(`${scenario} was not played`)
      const unpatched: NamedRun = {
        name: 'unpatched',
        run: await playOne(engine, unpatchedStack(engine), played, true),
      }
      const variant = isUnpatched
        ? unpatched
        : { name: stack.id, run: await playOne(engine, stack, played, true) }
      return toExplainText(finding, scenario, unpatched, variant, screenFor({})) + othersText(args, others)
    })
  })
  await print(story)
}
