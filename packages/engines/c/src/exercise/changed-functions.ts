// SPDX-License-Identifier: GPL-2.0-only
import { definitionAt, definitionsIn } from '@pfo-workbench/patch'
import type { Statement } from './statements.ts'

/**
 * Names of the functions that hold changed statements, as call chains show them. Null among them stands for a statement outside
 * functions, such as an initial value or a macro: no call chain shows it.
 *
 * @param texts - the changed files as patched; null for files that are gone
 */
export function functionsOf(
  statements: readonly Statement[],
  texts: ReadonlyMap<string, string | null>,
): (string | null)[] {
  const known = new Map([...texts].map(([path, text]) => [path, definitionsIn(path, text ?? '')]))
  const names = statements
    .filter(({ never }) => never === undefined)
    .map(({ file, line }) => {
      const definition = definitionAt(known.get(file) ?? [], line)
      return definition?.kind === 'function' ? definition.name : null
    })
  return [...new Set(names)]
}
