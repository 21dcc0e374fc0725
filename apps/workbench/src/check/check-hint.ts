// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { counted } from '@pfo-workbench/wording'
import { shellWords } from '../shell.ts'

/**
 * Suggests the scenarios that were not played, and `pfo check`, if there is a variant whose changed statements did not
 * run in any scenario. `pfo check` executes the changed functions in isolation.
 *
 * @param kernel - the tree, as the user named it.
 * @returns null if there is no such variant. Variants that change no statements do not count.
 */
export function checkHint(
  {
    baseline,
    variants,
    scenarios,
    leftOut = [],
  }: Pick<Comparison, 'baseline' | 'variants' | 'scenarios' | 'leftOut'>,
  kernel: string,
): string | null {
  const silent = variants.filter(
    ({ id, status, exercised, exercise, patches }) =>
      id !== baseline && status === 'ok' && !exercised && exercise.length > 0 && patches.length > 0,
  )
  if (silent.length === 0) return null
  const names = silent.map(({ id }) => id).join(', ')
  // The kernel cannot play the scenarios that were left out.
  const known = new Set([...scenarios, ...leftOut].map(({ id }) => id))
  const others = shippedScenarios('all').filter(({ id }) => !known.has(id)).length
  const more = others === 0 ? '' : `--scenario all plays ${counted(others, 'more scenario')}; `
  return `no scenario runs the changes of ${names}; ${more}to execute the changed functions in isolation: ${shellWords(['pfo', 'check', '--kernel', kernel])} PATCH`
}
