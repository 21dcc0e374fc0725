// SPDX-License-Identifier: GPL-2.0-only
import type { FileChange, Hunk } from '@pfo-workbench/patch'

/** Reads a file of the sources as they are when the patch is applied; null if there is none. */
export type ReadSource = (path: string) => Promise<string | null>

/** Line comparisons spent on explaining one patch; what needs more is left to git's own words. */
const comparisonBudget = 20_000_000

/** Lines shown of what was expected and of what was found. */
const shownLines = 12

/** A search over a file's lines, with a budget that hostile patches cannot exceed. */
class Matcher {
  #left = comparisonBudget

  get exhausted(): boolean {
    return this.#left <= 0
  }

  #stands(image: readonly string[], wanted: readonly string[], at: number): boolean {
    return wanted.every((line, i) => {
      this.#left--
      return image[at + i] === line
    })
  }

  /** The place closest to `expected` at which all of `wanted` stand, or null. */
  find(
    image: readonly string[],
    wanted: readonly string[],
    expected: number,
    candidates: readonly number[],
  ): number | null {
    // To put them in order, and to make the next image of this one, takes its time too.
    this.#left -= image.length
    const near = [...candidates].sort((a, b) => Math.abs(a - expected) - Math.abs(b - expected))
    return near.find((at) => this.exhausted || this.#stands(image, wanted, at)) ?? null
  }

  /**
   * The place at which most of `wanted` stands; of equals the one closest to `expected`. A line says the more the fewer there
   * are of it: braces and empty lines are everywhere.
   */
  nearest(image: readonly string[], wanted: readonly string[], expected: number): number {
    const counts = new Map<string, number>()
    for (const line of image) counts.set(line.trim(), (counts.get(line.trim()) ?? 0) + 1)
    const lines = wanted.map((line) => ({ words: wordsOf(line), weight: 1 / (counts.get(line.trim()) ?? 1) }))
    const there = image.map(wordsOf)
    let best = { at: expected, likeness: 0 }
    for (let at = 0; at < image.length && !this.exhausted; at++) {
      let likeness = 0
      for (const [i, { words, weight }] of lines.entries()) {
        const found = there[at + i]
        this.#left -= words.size
        if (found !== undefined) likeness += weight * likenessOf(words, found)
      }
      const closer = Math.abs(at - expected) < Math.abs(best.at - expected)
      if (likeness > best.likeness || (likeness > 0 && likeness === best.likeness && closer))
        best = { at, likeness }
    }
    return best.at
  }
}

const wordsOf = (line: string): ReadonlySet<string> => new Set(line.match(/\w+|[^\w\s]+/g) ?? [''])

/** How many of the words of two lines they have in common, from 0 to 1. */
function likenessOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let common = 0
  for (const word of one) if (other.has(word)) common++
  return common / (one.size + other.size - common)
}

const side = (hunk: Hunk, marks: string): string[] =>
  hunk.lines.filter((line) => marks.includes(line[0] ?? ' ')).map((line) => line.slice(1))

/** Where git would let a hunk apply: anywhere, unless it reaches the beginning or the end of the file. */
function candidates(hunk: Hunk, image: readonly string[], wanted: readonly string[]): number[] {
  const last = image.length - wanted.length
  const atEnd = !(hunk.lines.findLast((line) => !line.startsWith('\\'))?.startsWith(' ') ?? false)
  if (last < 0) return []
  if (hunk.oldStart <= 1) return atEnd && last !== 0 ? [] : [0]
  return atEnd ? [last] : Array.from({ length: last + 1 }, (_, at) => at)
}

/**
 * Finds out why a patch does not apply: the first of its files and hunks that does not fit.
 *
 * @returns some lines of text, or null if every hunk would fit by itself
 */
export async function explainConflict(
  files: readonly FileChange[],
  source: string,
  read: ReadSource,
): Promise<string | null> {
  const matcher = new Matcher()
  for (const file of files) {
    const before = file.oldPath === null ? null : await read(file.oldPath)
    if (file.kind === 'create') {
      if ((await read(file.path)) !== null)
        return `${file.path}: the patch creates this file, but it already exists.`
      continue
    }
    if (before === null) return `${file.oldPath ?? file.path}: there is no such file.`
    if (file.kind === 'rename' && (await read(file.path)) !== null) {
      return `${file.path}: the patch renames ${file.oldPath ?? ''} to this name, but it already exists.`
    }
    const fault = explainFile(file, before, source, matcher)
    if (matcher.exhausted) return null
    if (fault !== null) return fault
  }
  return null
}

function explainFile(file: FileChange, before: string, source: string, matcher: Matcher): string | null {
  let image = before.replace(/\n$/, '').split('\n')
  let offset = 0
  for (const [index, hunk] of file.hunks.entries()) {
    if (matcher.exhausted) return null
    const wanted = side(hunk, ' -')
    const expected = Math.max(0, hunk.oldStart - 1 + offset)
    const at = matcher.find(image, wanted, expected, candidates(hunk, image, wanted))
    if (at === null) {
      const section = hunk.section === '' ? '' : ` in '${hunk.section}'`
      return [
        `${file.path}: hunk ${String(index + 1)} of ${String(file.hunks.length)}${section} (${source}:${String(hunk.line)}) does not apply.`,
        ...difference(image, wanted, expected, matcher.nearest(image, wanted, expected)),
      ].join('\n')
    }
    const replacement = side(hunk, ' +')
    image = [...image.slice(0, at), ...replacement, ...image.slice(at + wanted.length)]
    offset += replacement.length - wanted.length
  }
  return null
}

function difference(
  image: readonly string[],
  wanted: readonly string[],
  expected: number,
  at: number,
): string[] {
  const show = (lines: readonly string[], others: readonly string[]): string[] => {
    const marked = lines.map((line, i) => `  ${line === others[i] ? ' ' : '!'} ${line}`.trimEnd())
    // Begin shortly before the first difference, so that it is among what is shown.
    const first = Math.max(0, lines.findIndex((line, i) => line !== others[i]) - 3)
    const rest = marked.length - first - shownLines
    return [
      ...(first > 0 ? ['    …'] : []),
      ...marked.slice(first, first + shownLines),
      ...(rest > 0 ? ['    …'] : []),
    ]
  }
  const found = image.slice(at, at + wanted.length)
  return [
    `  expected, at line ${String(expected + 1)}:`,
    ...show(wanted, found),
    found.length === 0
      ? '  found: the file ends before.'
      : `  found, at line ${String(at + 1)}, the nearest match:`,
    ...show(found, wanted),
  ]
}
