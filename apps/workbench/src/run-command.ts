// SPDX-License-Identifier: GPL-2.0-only
import { runOne } from '@pfo-workbench/compare'
import { examine } from '@pfo-workbench/oracle'
import { toRunText } from '@pfo-workbench/report'
import { UsageError } from './errors.ts'
import { print } from './output.ts'
import { chooseScenario } from './scenarios.ts'
import { chooseVariant } from './variants.ts'

export interface RunArguments {
  readonly variant: string
  readonly scenario: string
  readonly trace?: boolean
}

/** `pfo run`: one scenario on one variant. */
export async function runCommand({ variant, scenario, trace = false }: RunArguments): Promise<void> {
  const result = await runOne(chooseVariant(variant), chooseScenario(scenario), trace)
  if (result.status !== 'ok')
    throw new UsageError(`${variant} cannot be run: ${result.status}\n${result.reason}`)
  await print(toRunText(result.run, examine(result.run), { trace }))
}
