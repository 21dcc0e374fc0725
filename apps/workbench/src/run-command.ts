// SPDX-License-Identifier: GPL-2.0-only
import { examine } from '@pfo-workbench/oracle'
import { toRunText } from '@pfo-workbench/report'
import { withEngine } from './engine.ts'
import type { KernelOptions } from './kernel/kernel-options.ts'
import { playOne } from './one-run.ts'
import { print } from './output.ts'
import { chooseScenario } from './scenarios.ts'
import { chooseVariant } from './variants.ts'

export interface RunArguments extends KernelOptions {
  readonly variant: string
  readonly scenario: string
  readonly trace?: boolean
}

/** `pfo run`: plays one scenario on one variant and prints the findings; with `trace`, also all events. */
export async function runCommand(args: RunArguments): Promise<void> {
  const { variant, trace = false } = args
  const scenario = chooseScenario(args.scenario)
  const run = await withEngine(args, [variant], async (engine) =>
    playOne(engine, await chooseVariant(variant, engine), scenario, trace),
  )
  await print(toRunText(run, examine(run), { trace }))
}
