// SPDX-License-Identifier: GPL-2.0-only
import type TS from 'typescript'
import { parseSource } from './parse.ts'
import { ts } from './typescript.ts'

/** Names of the top-level functions of a file, and whether the file exports them. */
function declaredIn(file: TS.SourceFile): Map<string, boolean> {
  const found = new Map<string, boolean>()
  for (const node of file.statements) {
    if (!ts.isFunctionDeclaration(node) || node.name === undefined) continue
    const isExported = ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    found.set(node.name.text, isExported ?? false)
  }
  return found
}

/** Names that are used other than for a call. */
function usedAsValues(file: TS.SourceFile): Set<string> {
  const found = new Set<string>()
  const visit = (node: TS.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node
      const isCall = ts.isCallExpression(parent) && parent.expression === node
      const isDeclared = ts.isFunctionDeclaration(parent) && parent.name === node
      if (!isCall && !isDeclared) found.add(node.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/**
 * Functions that a patch extracts from other functions: new, static, and only called, never used as values. A C
 * compiler inlines such functions. Call chains attribute their work to the callers too, so a finding names the same
 * function before and after the patch.
 *
 * @param isKnown - true if the unpatched sources have a function of this name
 */
export function helpersIn(path: string, text: string, isKnown: (name: string) => boolean): Set<string> {
  const file = parseSource(path, text)
  const values = usedAsValues(file)
  return new Set(
    [...declaredIn(file)].flatMap(([name, isExported]) =>
      isExported || isKnown(name) || values.has(name) ? [] : [name],
    ),
  )
}

/** Names of all functions that the sources declare. */
export function functionsIn(sources: Iterable<readonly [path: string, text: string]>): Set<string> {
  return new Set([...sources].flatMap(([path, text]) => [...declaredIn(parseSource(path, text)).keys()]))
}
