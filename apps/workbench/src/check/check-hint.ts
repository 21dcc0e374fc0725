// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import { shellWords } from '../shell.ts'

/**
 * Suggests `pfo check` if no scenario runs a line that a patch changes: it executes the changed functions in isolation.
 *
 * @param kernel - the tree, as the user named it.
 * @returns null if the scenarios run a changed line of every patch.
 */
export function checkHint(
  { baseline, variants }: Pick<Comparison, 'baseline' | 'variants'>,
  kernel: string,
): string | null {
  const silent = variants.filter(
    ({ id, status, exercised, patches }) =>
      id !== baseline && status === 'ok' && !exercised && patches.length > 0,
  )
  if (silent.length === 0) return null
  const names = silent.map(({ id }) => id).join(', ')
  return `no scenario runs the changes of ${names}; to execute the changed functions in isolation: ${shellWords(['pfo', 'check', '--kernel', kernel])} PATCH`
}
