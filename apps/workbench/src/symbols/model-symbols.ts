// SPDX-License-Identifier: GPL-2.0-only
import type { SourceFiles } from '@pfo-workbench/variant'
import ts from 'typescript'

/** Something of the kernel, and the declaration that models it. */
export interface ModelSymbol {
  /** The name, which is the kernel's and the model's. */
  readonly symbol: string
  /** The kernel file it is defined in, such as `drivers/of/base.c`. */
  readonly kernelFile: string
  /** What it is in the model. */
  readonly kind: 'function' | 'struct' | 'constant'
  /** The model's source file, such as `packages/models/of/src/find.ts`. */
  readonly path: string
  /** The line of the declaration, the first being 1. */
  readonly line: number
}

const kernelPath = /\b(?:arch|block|crypto|drivers|fs|include|kernel|lib|mm)\/[\w./-]+\.[chS]\b/

/**
 * What of the kernel the model sources hold: each declaration of a module whose documentation names a kernel file.
 *
 * @returns in the order of kernel files, then of names
 */
export function modelSymbols(files: SourceFiles): ModelSymbol[] {
  const found = [...files].flatMap(([path, text]) => symbolsOf(path, text))
  return found.sort(
    (a, b) => compareText(a.kernelFile, b.kernelFile) || compareText(a.symbol, b.symbol) || a.line - b.line,
  )
}

function symbolsOf(path: string, text: string): ModelSymbol[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  return source.statements.flatMap((statement) => {
    const kernelFile = kernelPath.exec(documentationOf(statement))?.[0]
    if (kernelFile === undefined) return []
    return namesOf(statement)
      .filter(isKernelSpelling)
      .map((name) => ({
        symbol: name.text,
        kernelFile,
        kind: kindOf(statement),
        path,
        line: source.getLineAndCharacterOfPosition(name.getStart(source)).line + 1,
      }))
  })
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

/** Names of our own are camelCase or PascalCase; the kernel's have no capitals, or nothing else. */
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
