// SPDX-License-Identifier: GPL-2.0-only
import { toDiffText } from '@pfo-workbench/report'
import { withEngine } from './engine.ts'
import type { KernelOptions } from './kernel/kernel-options.ts'
import { playOne } from './one-run.ts'
import { print } from './output.ts'
import { chooseScenario } from './scenarios.ts'
import { chooseVariant } from './variants.ts'

/** `pfo diff`: two runs of one scenario, aligned. */
export async function diffCommand(
  first: string,
  second: string,
  scenario: string,
  options: KernelOptions,
): Promise<void> {
  const text = await withEngine(options, [first, second], async (engine) => {
    const [a, b] = [await chooseVariant(first, engine), await chooseVariant(second, engine)]
    const chosen = chooseScenario(scenario)
    const before = await playOne(engine, a, chosen, true)
    const after = await playOne(engine, b, chosen, true)
    return toDiffText(chosen.id, { name: a.id, run: before }, { name: b.id, run: after })
  })
  await print(text)
}
