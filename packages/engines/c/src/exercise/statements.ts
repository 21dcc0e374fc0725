// SPDX-License-Identifier: GPL-2.0-only
import type { CoveragePoint } from '@pfo-workbench/image'
import type { ObjectFile } from '@pfo-workbench/object'
import { definitionAt, definitionsIn, type Definition } from '@pfo-workbench/patch'
import type { ChangedStatement } from '@pfo-workbench/run'
import { branchesOf, compiledOut, type Preprocessed } from './conditionals.ts'
import type { FileEdit } from './line-edits.ts'
import { linesWith, macrosChangedAt, variableAt } from './macros.ts'

/** The executable code that patches changed, and the coverage points that show that it ran. */
export interface StatementCoverage {
  /**
   * A statement is a changed basic block, represented by its first changed line, or by the line next to removed lines;
   * or a changed line that belongs to no block.
   */
  readonly statements: readonly ChangedStatement[]
  /** For each coverage point of the image, the statements that ran if the point was hit. */
  readonly ofCoveragePoint: readonly (readonly number[])[]
  /** Statements that count as run without a coverage point: initial values of variables that the kernel contains. */
  readonly always: readonly number[]
}

/** Information about a patched kernel. */
export interface StatementCoverageOptions {
  readonly edits: readonly FileEdit[]
  /** Texts of the changed files; null for deleted files. */
  readonly changed: ReadonlyMap<string, string | null>
  /** Objects of the files that were compiled with coverage. */
  readonly objects: readonly ObjectFile[]
  readonly coveragePoints: readonly CoveragePoint[]
  /** Texts of the C files of `objects`. */
  readonly texts: ReadonlyMap<string, string>
  /** True if the kernel contains a variable of a file. */
  readonly hasVariable: (file: string, name: string) => boolean
  /** The branches that the preprocessor takes, by changed file. No line of a missing file counts as compiled out. */
  readonly preprocessed: ReadonlyMap<string, Preprocessed>
  /** Returns the reason why no code of a file runs; null if some of its code runs. */
  readonly whyNot: (file: string) => string | null
}

/** A changed line, and whether it represents removed lines. */
interface ChangedLine {
  readonly line: number
  readonly removed: boolean
}

/** Lines without code: blank lines, comments, braces, preprocessor directives, declarations of external symbols. */
const noCode = /^\s*(?:$|\/\/|\/\*|\*|[{}\s]*$|#|extern\b)/

function linesOf(edits: FileEdit['edits']): ChangedLine[] {
  return edits.flatMap(({ line, added }): ChangedLine[] =>
    added === 0
      ? [{ line, removed: true }]
      : Array.from({ length: added }, (_, index) => ({ line: line + index, removed: false })),
  )
}

const keyOf = ({ function: name, file, lines }: Pick<CoveragePoint, 'function' | 'file' | 'lines'>): string =>
  `${file} ${name} ${lines.join()}`

/** Lists the executable code that patches changed: one statement per basic block with changed lines. */
export function statementCoverageOf(options: StatementCoverageOptions): StatementCoverage {
  const { edits, changed, objects, coveragePoints, whyNot } = options
  const blocks = new Map<string, CoveragePoint>()
  for (const object of objects) for (const point of object.coveragePoints) blocks.set(keyOf(point), point)
  const linked = new Set(coveragePoints.map(keyOf))
  const statements: ChangedStatement[] = []
  const numbers = new Map<string, number[]>()
  const note = (block: CoveragePoint, number: number): void => {
    const key = keyOf(block)
    numbers.set(key, [...(numbers.get(key) ?? []), number])
  }
  const always: number[] = []
  for (const { path, edits: own } of edits) {
    const text = changed.get(path)
    if (text == null || !/\.[ch]$/.test(path)) continue
    const sourceLines = text.split('\n')
    const lines = linesOf(own)
    const ofFile = [...blocks.values()].filter(({ file }) => file === path)
    const covered = new Set<number>()
    const reason = whyNot(path)
    const branches = branchesOf(text)
    const definitions = definitionsIn(path, text)
    const whyNever = (line: number): string | null =>
      reason ??
      compiledOut(branches, line, path, options.preprocessed.get(path)) ??
      withoutCode(definitionAt(definitions, line), ofFile)
    const add = ({ line, removed }: ChangedLine, never: string | null): number =>
      statements.push({
        file: path,
        line,
        statement: (sourceLines[line - 1] ?? '').trim(),
        ...(removed ? { removed: true } : {}),
        ...(never === null ? {} : { never }),
      }) - 1
    // Blocks of a function with the same first changed line are one statement, which ran if one of the blocks ran.
    const places = new Map<string, { readonly first: ChangedLine; readonly blocks: CoveragePoint[] }>()
    for (const block of ofFile) {
      const first = lines.find(({ line, removed }) =>
        removed ? block.lines.includes(line) || block.lines.includes(line - 1) : block.lines.includes(line),
      )
      if (first === undefined) continue
      for (const line of block.lines) covered.add(line)
      const place = `${block.function} ${String(first.line)}`
      const known = places.get(place)
      if (known === undefined) places.set(place, { first, blocks: [block] })
      else known.blocks.push(block)
    }
    for (const { first, blocks: same } of places.values()) {
      const keys = same.map(keyOf)
      const isLinked = keys.some((key) => linked.has(key))
      const number = add(first, isLinked ? null : `nothing that runs here calls ${same[0]?.function ?? ''}()`)
      for (const block of same) note(block, number)
    }
    for (const edit of own) {
      const [macro] = linesOf([edit]).filter(({ line }) => macrosChangedAt(text, line).size > 0)
      if (macro !== undefined) {
        const never = whyNever(macro.line)
        const number = add(macro, never)
        for (const { line } of linesOf([edit])) if (macrosChangedAt(text, line).size > 0) covered.add(line)
        if (never !== null) continue
        for (const block of usersOf(macrosChangedAt(text, macro.line), blocks, options)) note(block, number)
        continue
      }
      const [first] = linesOf([edit]).filter(
        ({ line, removed }) => removed || !noCode.test(sourceLines[line - 1] ?? ''),
      )
      if (first === undefined || whyNever(first.line) !== null) continue
      if (
        linesOf([edit]).some(({ line, removed }) => covered.has(line) || (removed && covered.has(line - 1)))
      )
        continue
      const variable = variableAt(text, first.removed ? first.line - 1 : first.line)
      if (variable !== null) {
        const isThere = options.hasVariable(path, variable)
        const number = add(first, isThere ? null : `nothing that runs here uses ${variable}`)
        if (isThere) always.push(number)
        continue
      }
      // The compiler emitted no code for the line, for example after a condition that never holds. The preceding block
      // then represents the line.
      const before = blockBefore(ofFile, first.line)
      if (before !== null) note(before, add(first, null))
    }
    // The first of consecutive lines with the same reason represents all of these lines.
    let said = { line: 0, never: '' }
    for (const one of lines) {
      if (one.removed || covered.has(one.line) || noCode.test(sourceLines[one.line - 1] ?? '')) continue
      const never = whyNever(one.line)
      if (never === null) continue
      if (said.never !== never || one.line > said.line + 1) add(one, never)
      said = { line: one.line, never }
    }
  }
  return {
    statements,
    ofCoveragePoint: coveragePoints.map((point) => numbers.get(keyOf(point)) ?? []),
    always,
  }
}

/** Blocks with a line that mentions one of the macros. */
function usersOf(
  names: ReadonlySet<string>,
  blocks: ReadonlyMap<string, CoveragePoint>,
  { changed, texts }: Pick<StatementCoverageOptions, 'changed' | 'texts'>,
): CoveragePoint[] {
  const known = new Map<string, ReadonlySet<number>>()
  return [...blocks.values()].filter(({ file, lines }) => {
    let users = known.get(file)
    if (users === undefined)
      known.set(file, (users = linesWith(changed.get(file) ?? texts.get(file) ?? '', names)))
    return lines.some((line) => users.has(line))
  })
}

/** The block that comes closest before a line, in a function with code after the line; null if there is none. */
function blockBefore(blocks: readonly CoveragePoint[], line: number): CoveragePoint | null {
  let found: CoveragePoint | null = null
  let nearest = 0
  for (const block of blocks) {
    const last = Math.max(...block.lines.filter((one) => one < line), 0)
    const reaches = blocks.some(
      (other) => other.function === block.function && other.lines.some((one) => one > line),
    )
    if (last > nearest && reaches) [found, nearest] = [block, last]
  }
  return found
}

/**
 * Returns the reason why a function has no code: the compiler emits none for a static function without a caller.
 *
 * @returns null if the function has code, or if the definition is not a function
 */
function withoutCode(definition: Definition | null, blocks: readonly CoveragePoint[]): string | null {
  if (definition?.kind !== 'function') return null
  const { name, start, end } = definition
  const hasCode = blocks.some(
    (block) => block.function === name || block.lines.some((line) => start <= line && line <= end),
  )
  return hasCode ? null : `nothing that runs here calls ${name}()`
}
