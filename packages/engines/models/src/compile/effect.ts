// SPDX-License-Identifier: GPL-2.0-only
import { transform } from 'esbuild'
import type TS from 'typescript'
import type { LineEdit } from '@pfo-workbench/variant'
import { ts } from './typescript.ts'
import { parseSource } from './parse.ts'

/** What a source comes to as a program, without types, comments and blank lines; null if it is none. */
async function programOf(text: string): Promise<string | null> {
  try {
    const { code } = await transform(text, {
      loader: 'ts',
      target: 'es2022',
      legalComments: 'none',
      logLevel: 'silent',
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    })
    return code
  } catch {
    return null
  }
}

/** The lines of a file as they were before some of its edits, the others made. */
function without(text: string, edits: readonly LineEdit[]): string {
  const lines = text.split('\n')
  // From the end, so that the lines of the others stay where they are.
  for (const { line, added, gone } of edits.toReversed()) lines.splice(line - 1, added, ...gone)
  return lines.join('\n')
}

/** What the edits of a file do to it as a program. */
export class Effects {
  readonly #path: string
  readonly #text: string
  readonly #edits: readonly LineEdit[]
  readonly #now: string | null

  private constructor(path: string, text: string, edits: readonly LineEdit[], now: string | null) {
    this.#path = path
    this.#text = text
    this.#edits = edits
    this.#now = now
  }

  /**
   * @param text - the file with all edits made
   * @param edits - in the order of their lines
   */
  static async of(path: string, text: string, edits: readonly LineEdit[]): Promise<Effects> {
    return new Effects(path, text, edits, await programOf(text))
  }

  /** Whether an edit changes what the file does: comments, blank lines and types do not. */
  async changesProgram(edit: LineEdit): Promise<boolean> {
    const before = await programOf(without(this.#text, [edit]))
    // Without what another edit brought there may be no program at all.
    return before === null || before !== this.#now
  }

  /** Whether an edit changes what runs when the file is loaded, beside the functions that it declares. */
  async changesLoading(edit: LineEdit): Promise<boolean> {
    const one = await programOf(without(this.#text, [edit]))
    // What cannot be undone by itself is judged together with all.
    const before = one ?? (await programOf(without(this.#text, this.#edits)))
    return loadingOf(this.#path, this.#now ?? '') !== loadingOf(this.#path, before ?? '')
  }
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
