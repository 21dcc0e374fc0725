// SPDX-License-Identifier: GPL-2.0-only
import type TS from 'typescript'
import type { LineEdit } from './changes.ts'
import { ts } from './compiler.ts'
import { parseSource } from './parse.ts'

/** What a source comes to as a program: without types, comments and blank lines. */
function programOf(text: string): string {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      removeComments: true,
    },
  })
  return outputText
}

/** The file as it was before one of its edits, the others made. */
function without(text: string, { line, added, gone }: LineEdit): string {
  return text
    .split('\n')
    .toSpliced(line - 1, added, ...gone)
    .join('\n')
}

/** Whether an edit changes what a file does: comments, blank lines and types do not. */
export function changesProgram(text: string, edit: LineEdit): boolean {
  return programOf(text) !== programOf(without(text, edit))
}

/** Whether an edit changes what runs when the file is loaded, beside the functions that it declares. */
export function changesLoading(path: string, text: string, edit: LineEdit): boolean {
  return loadingOf(path, programOf(text)) !== loadingOf(path, programOf(without(text, edit)))
}

const isSilent = (node: TS.Node): boolean =>
  ts.isFunctionDeclaration(node) ||
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isConstructorDeclaration(node) ||
  ts.isAccessor(node)

/** A program without what only runs when it is called. */
function loadingOf(path: string, program: string): string {
  const file = parseSource(path, program)
  const silent: TS.Node[] = []
  const visit = (node: TS.Node): void => {
    const isBody = ts.isBlock(node) && ts.isFunctionLike(node.parent)
    if (isBody || isSilent(node)) silent.push(node)
    else ts.forEachChild(node, visit)
  }
  visit(file)
  return silent
    .reduceRight((rest, node) => rest.slice(0, node.getStart(file)) + rest.slice(node.end), program)
    .replace(/\s+/g, ' ')
}
