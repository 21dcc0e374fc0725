// SPDX-License-Identifier: GPL-2.0-only
import { posix } from 'node:path'
import type TS from 'typescript'
import { ts } from './typescript.ts'
import { lineOf, parseSource } from './parse.ts'
import type { SourceFiles } from '@pfo-workbench/variant'
import type { ModelSources } from '../sources.ts'

/** Prefix of names that the instrumentation uses. */
const reserved = '__pfo'

/** Module that gives the kernel model its call chains. Code with access to it could truncate a chain. */
const callsModule = 'packages/models/kernel/src/machine/calls.ts'

/** Comments that disable type checks, for the whole file or for a line. */
const uncheckedComment =
  /@ts-(?:nocheck|ignore|expect-error)\b|^\/\/\/\s*<(?:reference\s+no-default-lib|amd-)/

/**
 * Resolves an import specifier to the path of a model module. Does not check that the file exists.
 *
 * @param specifier - as written in the import
 * @param importer - path of the importing module
 * @returns null if the specifier is neither relative nor the name of a model package
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
 * Finds code that compiles but that models must not contain: code that loads modules outside the models, uses names of
 * the instrumentation, gains access to call chains, or disables type checks. The sandbox stops code that loads modules,
 * too, but only at run time and with a less helpful message.
 *
 * @returns `file:line: message` for each fault
 */
export function policyFaults(path: string, text: string, sources: ModelSources): string[] {
  const file = parseSource(path, text)
  const faults: string[] = []
  const fault = (node: TS.Node, message: string): void => {
    faults.push(`${path}:${String(lineOf(file, node.getStart(file)))}: ${message}`)
  }
  const unpatched = sources.files.get(path) ?? ''
  const checkSpecifier = (node: TS.Expression): void => {
    const target = ts.isStringLiteral(node) ? resolveModel(node.text, path, sources.entries) : null
    if (target === callsModule && !unpatched.includes(node.parent.getText(file)))
      fault(node, 'call chains belong to the workbench: this import is not accepted')
    if (target !== null) return
    const names = [...sources.entries.keys()].join(', ')
    fault(node, `models import only each other (${names}) and files of their own, not ${node.getText(file)}`)
  }
  const visit = (node: TS.Node): void => {
    if (ts.isImportDeclaration(node)) checkSpecifier(node.moduleSpecifier)
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)
      checkSpecifier(node.moduleSpecifier)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      fault(node, 'models must not load code at run time: import() is not accepted')
    } else if (ts.isMetaProperty(node)) {
      fault(node, `${node.getText(file)} is not accepted in models`)
    } else if ((ts.isIdentifier(node) || ts.isStringLiteralLike(node)) && node.text.startsWith(reserved)) {
      fault(node, `names that start with ${reserved} belong to the workbench`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  for (const comment of commentsIn(file)) {
    if (!uncheckedComment.test(text.slice(comment.pos, comment.end))) continue
    const line = String(lineOf(file, comment.pos))
    faults.push(`${path}:${line}: comments that change the type check are not accepted in models`)
  }
  for (const reference of [
    ...file.referencedFiles,
    ...file.typeReferenceDirectives,
    ...file.libReferenceDirectives,
  ]) {
    faults.push(`${path}:${String(lineOf(file, reference.pos))}: /// <reference> is not accepted in models`)
  }
  return faults
}

/**
 * Finds imports of files that are not part of the variant, and all calls of `require`. The bundler would look for these
 * files on disk.
 *
 * @param files - all sources of the variant
 * @returns `file:line: message` for each fault
 */
export function loadFaults(
  path: string,
  text: string,
  files: SourceFiles,
  entries: ModelSources['entries'],
): string[] {
  const file = parseSource(path, text)
  const faults: string[] = []
  const check = (node: TS.Expression | undefined, isFile: boolean): void => {
    if (node === undefined || !ts.isStringLiteralLike(node)) return
    const target = isFile ? resolveModel(node.text, path, entries) : null
    if (target !== null && files.has(target)) return
    faults.push(`${path}:${String(lineOf(file, node.getStart(file)))}: model code cannot load '${node.text}'`)
  }
  const visit = (node: TS.Node): void => {
    if (ts.isImportDeclaration(node) && node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword)
      check(node.moduleSpecifier, true)
    else if (ts.isExportDeclaration(node) && !node.isTypeOnly) check(node.moduleSpecifier, true)
    else if (ts.isExternalModuleReference(node)) check(node.expression, false)
    else if (
      ts.isCallExpression(node) &&
      ts.isIdentifier(node.expression) &&
      node.expression.text === 'require'
    )
      check(node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return faults
}

/** All comments of a file. TypeScript honors comments that disable its checks anywhere in the file. */
function commentsIn(file: TS.SourceFile): TS.CommentRange[] {
  const comments = new Map<number, TS.CommentRange>()
  const add = (found: readonly TS.CommentRange[] | undefined): void => {
    for (const comment of found ?? []) comments.set(comment.pos, comment)
  }
  const visit = (node: TS.Node): void => {
    const children = node.getChildren(file)
    if (children.length === 0) {
      add(ts.getLeadingCommentRanges(file.text, node.pos))
      add(ts.getTrailingCommentRanges(file.text, node.end))
    }
    for (const child of children) visit(child)
  }
  visit(file)
  return [...comments.values()]
}
