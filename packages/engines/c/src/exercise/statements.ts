// SPDX-License-Identifier: GPL-2.0-only
import type { ImageProbe } from '@pfo-workbench/image'
import type { ObjectFile } from '@pfo-workbench/object'
import type { FileEdit } from './line-edits.ts'
import { conditionOf, isKnownToHold } from './conditionals.ts'
import { linesWith, macrosChangedAt, variableAt } from './macros.ts'

/** A basic block of what patches changed, at its first changed line; or a changed line of code that no block is made of. */
export interface Statement {
  /** Path of the patched file. */
  readonly file: string
  /** Line of the patched file. */
  readonly line: number
  /** The text of the line. */
  readonly statement: string
  /** Whether it stands for lines that are there no more: it is the one beside them. */
  readonly removed?: true
  /** Why it cannot run in this kernel, if it cannot. */
  readonly never?: string
}

/** What patches changed that runs, and which probes tell of it. */
export interface Exercise {
  readonly statements: readonly Statement[]
  /** By number of the image's probe: numbers of the statements that it tells of. */
  readonly ofProbe: readonly (readonly number[])[]
  /** Numbers of statements that need not run: initial values of variables that the kernel has. */
  readonly always: readonly number[]
}

/** What is needed to know of a patched kernel. */
export interface ExerciseOptions {
  readonly edits: readonly FileEdit[]
  /** Texts of the changed files; null for files that are gone. */
  readonly changed: ReadonlyMap<string, string | null>
  /** Objects of the files that were compiled with probes. */
  readonly objects: readonly ObjectFile[]
  readonly probes: readonly ImageProbe[]
  /** Texts of the C files of `objects`. */
  readonly texts: ReadonlyMap<string, string>
  /** Whether the kernel has a variable of a file. */
  readonly hasVariable: (file: string, name: string) => boolean
  /** What a symbol of the configuration is set to; undefined if it is not set. */
  readonly valueOf: (symbol: string) => string | undefined
  /** Why a C file does not run, if it does not. */
  readonly whyNot: (file: string) => string | null
}

/** A changed line, and whether it stands for lines that are gone. */
interface ChangedLine {
  readonly line: number
  readonly removed: boolean
}

/** Lines of C that are no code: blank ones, comments, braces, labels, declarations of what is defined elsewhere. */
const noCode = /^\s*(?:$|\/\/|\/\*|\*|[{}\s]*$|#|extern\b)/

function linesOf(edits: FileEdit['edits']): ChangedLine[] {
  return edits.flatMap(({ line, added }): ChangedLine[] =>
    added === 0
      ? [{ line, removed: true }]
      : Array.from({ length: added }, (_, index) => ({ line: line + index, removed: false })),
  )
}

const keyOf = ({ function: name, file, lines }: Pick<ImageProbe, 'function' | 'file' | 'lines'>): string =>
  `${file} ${name} ${lines.join()}`

/** Lists what patches changed that runs: one statement for each basic block that has changed lines. */
export function exerciseOf(options: ExerciseOptions): Exercise {
  const { edits, changed, objects, probes, whyNot, valueOf } = options
  const blocks = new Map<string, ImageProbe>()
  for (const object of objects) for (const probe of object.probes) blocks.set(keyOf(probe), probe)
  const linked = new Set(probes.map(keyOf))
  const statements: Statement[] = []
  const numbers = new Map<string, number[]>()
  const note = (block: ImageProbe, number: number): void => {
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
    const add = ({ line, removed }: ChangedLine, never: string | null): number =>
      statements.push({
        file: path,
        line,
        statement: (sourceLines[line - 1] ?? '').trim(),
        ...(removed ? { removed: true } : {}),
        ...(never === null ? {} : { never }),
      }) - 1
    // Blocks of one line are one statement: one of them is enough for it to run.
    const places = new Map<string, { readonly first: ChangedLine; readonly blocks: ImageProbe[] }>()
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
        const number = add(macro, null)
        for (const block of usersOf(macrosChangedAt(text, macro.line), blocks, options)) note(block, number)
        continue
      }
      const [first] = linesOf([edit]).filter(
        ({ line, removed }) => removed || !noCode.test(sourceLines[line - 1] ?? ''),
      )
      if (first === undefined || reason !== null || compiledOut(text, first.line, ofFile, valueOf) !== null)
        continue
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
      // The compiler made nothing of it, such as of a condition that never holds: what runs before it runs into it.
      const before = blockBefore(ofFile, first.line)
      if (before !== null) note(before, add(first, null))
    }
    // Of lines that follow each other the first stands for all.
    let said = { line: 0, never: '' }
    for (const one of lines) {
      if (one.removed || covered.has(one.line) || noCode.test(sourceLines[one.line - 1] ?? '')) continue
      const never = reason ?? compiledOut(text, one.line, ofFile, valueOf)
      if (never === null) continue
      if (said.never !== never || one.line > said.line + 1) add(one, never)
      said = { line: one.line, never }
    }
  }
  return { statements, ofProbe: probes.map((probe) => numbers.get(keyOf(probe)) ?? []), always }
}

/** Blocks with a line that mentions a macro. */
function usersOf(
  names: ReadonlySet<string>,
  blocks: ReadonlyMap<string, ImageProbe>,
  { changed, texts }: Pick<ExerciseOptions, 'changed' | 'texts'>,
): ImageProbe[] {
  const known = new Map<string, ReadonlySet<number>>()
  return [...blocks.values()].filter(({ file, lines }) => {
    let users = known.get(file)
    if (users === undefined)
      known.set(file, (users = linesWith(changed.get(file) ?? texts.get(file) ?? '', names)))
    return lines.some((line) => users.has(line))
  })
}

/** The block with the last line before a line, if that is inside of the block's function. */
function blockBefore(blocks: readonly ImageProbe[], line: number): ImageProbe | null {
  let found: ImageProbe | null = null
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

/** Whether no line of the branch of an `#ifdef` around a line has code. Where others have, this one is a declaration or the like. */
function compiledOut(
  text: string,
  line: number,
  blocks: readonly ImageProbe[],
  valueOf: ExerciseOptions['valueOf'],
): string | null {
  const condition = conditionOf(text, line)
  if (condition === null || isKnownToHold(condition.text, valueOf)) return null
  const hasCode = blocks.some(({ lines }) =>
    lines.some((other) => conditionOf(text, other)?.line === condition.line),
  )
  return hasCode ? null : `compiled out: ${condition.text} (line ${String(condition.line)})`
}
