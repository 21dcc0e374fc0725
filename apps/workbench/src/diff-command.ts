// SPDX-License-Identifier: GPL-2.0-only
import { diffText } from './diff-text.ts'
import { playOne } from './one-run.ts'
import { print } from './output.ts'
import { chooseScenario } from './scenarios.ts'
import { chooseVariant } from './variants.ts'

/** `pfo diff`: two runs of one scenario, aligned. */
export async function diffCommand(first: string, second: string, scenario: string): Promise<void> {
  const [a, b] = [chooseVariant(first), chooseVariant(second)]
  const chosen = chooseScenario(scenario)
  const [before, after] = [await playOne(a, chosen, true), await playOne(b, chosen, true)]
  await print(diffText(chosen.id, { name: a.id, run: before }, { name: b.id, run: after }))
}
