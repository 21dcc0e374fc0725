// SPDX-License-Identifier: GPL-2.0-only
import { posix } from 'node:path'
import type TS from 'typescript'
import { ts } from './typescript.ts'
import { lineOf, parseSource } from './parse.ts'
import type { ModelSources } from '../sources.ts'

/** Names with this beginning are those of the instrumentation. */
const reserved = '__pfo'

/**
 * The path of the model module that a specifier means, or null if it means none.
 *
 * @param specifier - as written in an import
 * @param importer - path of the module that imports
 */
export function resolveModel(
  specifier: string,
  importer: string,
  entries: ModelSources['entries'],
): string | null {
  if (/^\.\.?\//.test(specifier)) return posix.join(posix.dirname(importer), specifier)
  return entries.get(specifier) ?? null
}

/**
 * Finds what model code may not do even though it compiles: load code that is not part of the models, or pose as the
 * instrumentation. The sandbox would stop it too, but only when it runs and with a less helpful message.
 *
 * @returns `file:line: message` for each fault
 */
export function policyFaults(path: string, text: string, sources: ModelSources): string[] {
  const file = parseSource(path, text)
  const faults: string[] = []
  const fault = (node: TS.Node, message: string): void => {
    faults.push(`${path}:${String(lineOf(file, node.getStart(file)))}: ${message}`)
  }
  const checkSpecifier = (node: TS.Expression): void => {
    if (ts.isStringLiteral(node) && resolveModel(node.text, path, sources.entries) !== null) return
    const names = [...sources.entries.keys()].join(', ')
    fault(node, `models import only each other (${names}) and files of their own, not ${node.getText(file)}`)
  }
  const visit = (node: TS.Node): void => {
    if (ts.isImportDeclaration(node)) checkSpecifier(node.moduleSpecifier)
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)
      checkSpecifier(node.moduleSpecifier)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      fault(node, 'models do not load code while they run: import() is not accepted')
    } else if (ts.isMetaProperty(node)) {
      fault(node, `${node.getText(file)} is not accepted in models`)
    } else if ((ts.isIdentifier(node) || ts.isStringLiteralLike(node)) && node.text.startsWith(reserved)) {
      fault(node, `names that start with ${reserved} belong to the workbench`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  for (const reference of [
    ...file.referencedFiles,
    ...file.typeReferenceDirectives,
    ...file.libReferenceDirectives,
  ]) {
    faults.push(`${path}:${String(lineOf(file, reference.pos))}: /// <reference> is not accepted in models`)
  }
  return faults
}
