// SPDX-License-Identifier: GPL-2.0-only
import { definitionAt, definitionsIn } from '@pfo-workbench/patch'
import type { ChangedStatement } from '@pfo-workbench/run'

/**
 * Names of the functions that contain changed statements, as in call chains. Null stands for a statement outside of
 * functions, such as an initial value or a macro, which no call chain shows. Statements that never run are left out.
 *
 * @param texts - the changed files as patched; null for deleted files
 */
export function functionsOf(
  statements: readonly ChangedStatement[],
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
