// SPDX-License-Identifier: GPL-2.0-only
import type { CheckedPatch } from '@pfo-workbench/check'
import { readSymbols } from '@pfo-workbench/engine-models'

/** Maximum number of functions in a hint. */
const maxScenariosNamed = 4

/**
 * Suggests `pfo compare` if scenarios run the functions that were checked in isolation: a run of the whole kernel shows
 * more.
 *
 * @returns null if no scenario runs any of these functions.
 */
export async function scenarioHint(patches: readonly CheckedPatch[]): Promise<string | null> {
  const changed = patches
    .filter(({ state }) => state === 'applied' || state === 'already-applied')
    .flatMap(({ functions }) => functions)
  if (changed.length === 0) return null
  const { symbols } = await readSymbols()
  const played = new Set(symbols.map(({ kernelFile, symbol }) => `${kernelFile} ${symbol}`))
  const names = [
    ...new Set(
      changed.filter(({ file, name }) => played.has(`${file} ${name}`)).map(({ name }) => `${name}()`),
    ),
  ]
  if (names.length === 0) return null
  const rest = names.length > maxScenariosNamed ? ` and ${names.length - maxScenariosNamed} more` : ''
  return `scenarios run ${names.slice(0, maxScenariosNamed).join(', ')}${rest}: "pfo compare --kernel" plays the patch on a whole kernel`
}
