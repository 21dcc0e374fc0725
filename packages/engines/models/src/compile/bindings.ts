// SPDX-License-Identifier: GPL-2.0-only
import type TS from 'typescript'
import { ts } from './typescript.ts'

/** A name bound to an item of another module. */
interface Binding {
  /** Module and item that the name is bound to. */
  readonly target: string
  readonly node: TS.Node
}

/** Names that a file imports and exports, except names of types. */
function bindingsOf(file: TS.SourceFile): Map<string, Binding> {
  const found = new Map<string, Binding>()
  for (const node of file.statements) {
    if (ts.isImportDeclaration(node)) {
      const { importClause, moduleSpecifier } = node
      if (importClause === undefined || importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) continue
      const from = moduleSpecifier.getText(file)
      if (importClause.name !== undefined)
        found.set(importClause.name.text, { target: `default of ${from}`, node })
      const { namedBindings } = importClause
      if (namedBindings === undefined) continue
      if (ts.isNamespaceImport(namedBindings))
        found.set(namedBindings.name.text, { target: `all of ${from}`, node })
      else
        for (const { name, propertyName, isTypeOnly } of namedBindings.elements)
          if (!isTypeOnly) found.set(name.text, { target: `${(propertyName ?? name).text} of ${from}`, node })
    } else if (ts.isExportDeclaration(node) && !node.isTypeOnly && node.exportClause !== undefined) {
      const from = node.moduleSpecifier?.getText(file) ?? ''
      if (ts.isNamespaceExport(node.exportClause)) continue
      for (const { name, propertyName, isTypeOnly } of node.exportClause.elements)
        if (!isTypeOnly)
          found.set(`export ${name.text}`, { target: `${(propertyName ?? name).text} of ${from}`, node })
    }
  }
  return found
}

/** Imports and exports whose names are bound to a different item than before. */
export function changedBindings(before: TS.SourceFile, after: TS.SourceFile): { text: string; at: number }[] {
  const old = bindingsOf(before)
  return [...bindingsOf(after)].flatMap(([name, { target, node }]) => {
    const was = old.get(name)
    return was === undefined || was.target === target
      ? []
      : [{ text: `${name}: ${target}, before: ${was.target}`, at: node.getStart(after) }]
  })
}
