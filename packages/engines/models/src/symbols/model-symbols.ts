// SPDX-License-Identifier: GPL-2.0-only
import type { SourceFiles } from '@pfo-workbench/variant'
import ts from 'typescript'

/** A kernel symbol, and the declaration that models it. */
export interface ModelSymbol {
  /** Name in both the kernel and the model. */
  readonly symbol: string
  /** Kernel file that defines it, for example `drivers/of/base.c`. */
  readonly kernelFile: string
  /** Kind of declaration in the model. */
  readonly kind: 'function' | 'struct' | 'constant'
  /** Source file of the model, for example `packages/models/of/src/find.ts`. */
  readonly path: string
  /** Line of the declaration, counted from 1. */
  readonly line: number
}

const kernelPath = /\b(?:arch|block|crypto|drivers|fs|include|init|kernel|lib|mm)\/[\w./-]+\.[chS]\b/

/**
 * Kernel symbols in the model sources: module-level declarations whose documentation names a kernel file.
 *
 * @returns symbols sorted by kernel file, then by name
 */
export function modelSymbols(files: SourceFiles): ModelSymbol[] {
  const found = [...files].flatMap(([path, text]) => symbolsOf(path, text))
  return found.sort(
    (a, b) => compareText(a.kernelFile, b.kernelFile) || compareText(a.symbol, b.symbol) || a.line - b.line,
  )
}

/**
 * Kernel functions that a declaration of another name models as well. Its documentation names them in backticks, before
 * the first colon or full stop: "Models \`f\` and \`g\` (lib/h.c, v4.18)".
 *
 * @param functions - functions of the kernel by file
 * @param own - symbols of the models that have a declaration of their own
 */
export function functionsModelledWithOthers(
  files: SourceFiles,
  functions: ReadonlyMap<string, readonly string[]>,
  own: readonly ModelSymbol[],
): ModelSymbol[] {
  const known = new Set(own.map(({ symbol }) => symbol))
  return [...files].flatMap(([path, text]) =>
    declarationsOf(text).flatMap(({ documentation, kernelFile, line }) =>
      namesBeforeColon(documentation).flatMap((symbol) => {
        if (known.has(symbol)) return []
        const definedIn = [...functions].flatMap(([file, names]) => (names.includes(symbol) ? [file] : []))
        // A file that the documentation names decides which of several static functions is meant.
        const meant = definedIn.filter((file) => file === kernelFile)
        return (meant.length > 0 ? meant : definedIn).map((file): ModelSymbol => ({
          symbol,
          kernelFile: file,
          kind: 'function',
          path,
          line,
        }))
      }),
    ),
  )
}

function namesBeforeColon(documentation: string): string[] {
  const [beginning = ''] = documentation.split(/[.:]\s/, 1)
  return [...beginning.matchAll(/`(\w+)(?:\([^`]*\))?`/g)].flatMap(([, name]) => name ?? [])
}

function symbolsOf(path: string, text: string): ModelSymbol[] {
  return declarationsOf(text).flatMap(({ statement, names, kernelFile, lineOf }) =>
    kernelFile === null
      ? []
      : names.map((name) => ({
          symbol: name.text,
          kernelFile,
          kind: kindOf(statement),
          path,
          line: lineOf(name),
        })),
  )
}

/**
 * Names in kernel spelling whose documentation names no kernel file.
 *
 * @param which - check exported declarations or all functions
 * @returns `path:line name` for each
 */
export function symbolsWithoutKernelFile(
  files: SourceFiles,
  which: 'exported' | 'functions' = 'exported',
): string[] {
  const concerns = which === 'exported' ? isExported : ts.isFunctionDeclaration
  return [...files].flatMap(([path, text]) =>
    declarationsOf(text)
      .filter(({ statement, kernelFile }) => kernelFile === null && concerns(statement))
      .flatMap(({ names, lineOf }) => names.map((name) => `${path}:${lineOf(name)} ${name.text}`)),
  )
}

interface Declaration {
  readonly statement: ts.Statement
  /** Names of the declaration in kernel spelling. */
  readonly names: readonly ts.Identifier[]
  readonly kernelFile: string | null
  readonly documentation: string
  /** Line on which the declaration begins, counted from 1. */
  readonly line: number
  /** Line of a name, counted from 1. */
  readonly lineOf: (name: ts.Identifier) => number
}

/**
 * Declarations of a source. The documentation of a declaration also applies to those that follow without an empty line.
 */
function declarationsOf(text: string): Declaration[] {
  const source = ts.createSourceFile('model.ts', text, ts.ScriptTarget.ES2022, true)
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1
  let before = { end: 0, kernelFile: null as string | null }
  return source.statements.map((statement) => {
    const documentation = documentationOf(statement)
    const inRow = documentation === '' && lineAt(statement.getStart(source)) === before.end + 1
    const kernelFile = inRow ? before.kernelFile : (kernelPath.exec(documentation)?.[0] ?? null)
    before = { end: lineAt(statement.getEnd()), kernelFile }
    return {
      statement,
      names: namesOf(statement).filter(isKernelSpelling),
      kernelFile,
      documentation,
      line: lineAt(statement.getStart(source)),
      lineOf: (name) => lineAt(name.getStart(source)),
    }
  })
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
}

function documentationOf(statement: ts.Statement): string {
  return ts
    .getJSDocCommentsAndTags(statement)
    .map((comment) => comment.getText())
    .join('\n')
}

function namesOf(statement: ts.Statement): ts.Identifier[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name).filter(ts.isIdentifier)
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement)
  )
    return statement.name === undefined ? [] : [statement.name]
  return []
}

/**
 * The project's own names are camelCase or PascalCase. Kernel names are all lower case, all upper case, or contain an
 * underscore.
 */
function isKernelSpelling({ text }: ts.Identifier): boolean {
  return text === text.toLowerCase() || text === text.toUpperCase() || text.includes('_')
}

function kindOf(statement: ts.Statement): ModelSymbol['kind'] {
  if (ts.isFunctionDeclaration(statement)) return 'function'
  return ts.isVariableStatement(statement) ? 'constant' : 'struct'
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
