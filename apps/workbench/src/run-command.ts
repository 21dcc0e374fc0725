// SPDX-License-Identifier: GPL-2.0-only
import { runOne, stackOfId } from '@pfo-workbench/compare'
import { examine } from '@pfo-workbench/oracle'
import { toRunText } from '@pfo-workbench/report'
import { UsageError } from './errors.ts'
import { print } from './output.ts'
import { chooseScenarios } from './scenarios.ts'
import { patchFolder } from './shipped.ts'

export interface RunArguments {
  readonly variant: string
  readonly scenario: string
  readonly trace?: boolean
}

/** `pfo run`: one scenario on one variant. */
export async function runCommand({ variant, scenario, trace = false }: RunArguments): Promise<void> {
  const [chosen] = chooseScenarios([scenario])
  if (chosen === undefined) throw new UsageError(`there is no scenario "${scenario}"`)
  const result = await runOne(stackOfId(patchFolder, variant), chosen, trace)
  if (result.status !== 'ok')
    throw new UsageError(`${variant} cannot be run: ${result.status}\n${result.reason}`)
  await print(toRunText(result.run, examine(result.run), { trace }))
}
