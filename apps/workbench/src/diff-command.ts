// SPDX-License-Identifier: GPL-2.0-only
import { unpatchedStack } from '@pfo-workbench/compare'
import { toDiffText, type NamedRun } from '@pfo-workbench/report'
import { withEngine } from './engine.ts'
import { UsageError } from './usage-error.ts'
import type { KernelOptions } from './kernel/kernel-options.ts'
import { playOne } from './one-run.ts'
import { print } from './output.ts'
import { chooseScenario } from './scenarios.ts'
import { chooseVariant } from './variants.ts'

export interface DiffArguments extends KernelOptions {
  /** VARIANT OTHER SCENARIO; with `against`, only SCENARIO. */
  readonly operands: readonly string[]
  /** `models`: compares with the unpatched models. */
  readonly against?: string
}

/** `pfo diff`: compares two runs of one scenario, aligned. */
export async function diffCommand(args: DiffArguments): Promise<void> {
  await print(args.against === undefined ? await variantsText(args) : await modelsText(args))
}

async function variantsText(args: DiffArguments): Promise<string> {
  const [first, second, scenario, ...more] = args.operands
  if (first === undefined || second === undefined || scenario === undefined || more.length > 0)
    throw new UsageError(
      'pfo diff takes two variants and a scenario: pfo diff unpatched wipe lpm-twice-hierarchy. With --against models, only a scenario',
    )
  const chosen = chooseScenario(scenario)
  return withEngine(args, [first, second], async (engine) => {
    const [a, b] = [await chooseVariant(first, engine), await chooseVariant(second, engine)]
    const before = await playOne(engine, a, chosen, true)
    const after = await playOne(engine, b, chosen, true)
    return toDiffText(chosen.id, { name: a.id, run: before }, { name: b.id, run: after })
  })
}

function checkAgainst({ against, kernel, operands }: DiffArguments): string {
  if (against !== 'models') throw new UsageError(`--against ${against ?? ''}: unknown. Accepted: models`)
  if (kernel === undefined)
    throw new UsageError('--against models is for a kernel tree: name one with --kernel TREE')
  const [scenario, ...more] = operands
  if (scenario === undefined || more.length > 0)
    throw new UsageError('--against models takes one argument, the scenario: both kernels are unpatched')
  return scenario
}

/** Compares the unpatched kernel of a tree with the unpatched models. */
async function modelsText(args: DiffArguments): Promise<string> {
  const scenario = chooseScenario(checkAgainst(args))
  const inC = await withEngine(args, [], async (engine): Promise<NamedRun> => ({
    name: engine.kernel,
    run: await playOne(engine, unpatchedStack(engine), scenario, true),
  }))
  const inModels = await withEngine({}, [], async (engine): Promise<NamedRun> => ({
    name: `models of ${engine.kernel}`,
    run: await playOne(engine, unpatchedStack(engine), scenario, true),
  }))
  const { findingsText } = await import('./kernel/engine-findings.ts')
  return `${findingsText(scenario, inC, inModels)}\n${toDiffText(scenario.id, inC, inModels, true)}`
}
