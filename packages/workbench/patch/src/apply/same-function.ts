// SPDX-License-Identifier: GPL-2.0-only
import type { Hunk } from '../diff/hunks.ts'
import type { Definition } from '../definitions/definition.ts'
import { definedName, definitionsIn } from '../definitions/definitions.ts'
import type { HunkSide, Side } from './image.ts'

/** Characters of a line that git prints in a hunk header, and that diff -p does. */
const sectionLength = { git: 80, diff: 40 }

/**
 * The text that git diff prints in a hunk header for a line, or null if the line begins no section. Kernel trees use git's `cpp`
 * driver for C and `dts` for device trees, its default for other files.
 */
function sectionOf(path: string, line: string): string | null {
  const text = line.trimEnd()
  const isC = /\.[ch]$/.test(path)
  const begins = /\.dtsi?$/.test(path)
    ? !/[;=]/.test(text) && /^\s*(?:\/\s*\{|&?[A-Za-z_])/.test(text)
    : /^[A-Za-z_$]/.test(text) && !(isC && /^\w+:\s*(?:$|\/[/*])/.test(text))
  return begins ? text.trim().slice(0, sectionLength.git).trimEnd() : null
}

/** Whether a line of context begins something that stands at one place of a file only: a definition or a macro. */
function beginsDefinition(path: string, line: string): boolean {
  if (!/\.(?:[ch]|ts)$/.test(path)) return false
  return definedName(path, line) !== null || /^(?:\w[^;]*\{$|#\s*define\s+\w)/.test(line)
}

/** New names of the functions whose first line a patch replaces. */
function renamedBy(path: string, hunks: readonly Hunk[]): Map<string, string> {
  const renamed = new Map<string, string>()
  for (const { lines } of hunks) {
    const names = (mark: string): string[] =>
      lines.flatMap((line) => (line.startsWith(mark) ? (definedName(path, line.slice(1)) ?? []) : []))
    const [before, after] = [names('-'), names('+')]
    if (before.length !== 1) continue
    const [[old = ''], [now]] = [before, after]
    if (now !== undefined) renamed.set(old, now)
  }
  return renamed
}

/**
 * Tells in which function the lines of one file stand, to decide whether a hunk that fits at another line than its header says
 * still is in its function.
 */
export class Functions {
  readonly #path: string
  readonly #image: readonly string[]
  readonly #renamed: ReadonlyMap<string, string>
  #known: readonly Definition[] | null = null

  /**
   * @param hunks - all hunks of the file
   * @param side - of the hunks that are looked for; headers of hunks name the functions of the old one
   */
  constructor(path: string, image: readonly string[], hunks: readonly Hunk[], side: Side) {
    this.#path = path
    this.#image = image
    this.#renamed = side === 'old' ? new Map() : renamedBy(path, hunks)
  }

  get #definitions(): readonly Definition[] {
    this.#known ??= definitionsIn(this.#path, this.#image.join('')).filter(({ kind }) => kind !== 'macro')
    return this.#known
  }

  /** Name of the definition that the line is in or behind; null before the first. @param at - index of the line */
  nameAt(at: number): string | null {
    return this.#definitions.findLast(({ start }) => start <= at + 1)?.name ?? null
  }

  /** What git diff would print in the header of a hunk that begins at a line. */
  #sectionAt(at: number): string {
    for (let index = Math.min(at, this.#image.length) - 1; index >= 0; index--) {
      const section = sectionOf(this.#path, this.#image[index] ?? '')
      if (section !== null) return section
    }
    return ''
  }

  /**
   * Whether a hunk that fits at `found` is in the function that it was made for.
   *
   * - Its lines up to the first change begin a definition: it is that one, wherever it stands.
   * - git would print the same hunk header at `found`.
   * - Its header names a definition, and `found` is in or behind the one of that name.
   * - Its header names none (a label, a declaration, nothing): `found` is in or behind the same definition as `expected`. Files
   *   without definitions need an empty header: the hunk must be at a single place then, like all that are off theirs.
   *
   * @param found - index at which all of its lines match
   * @param expected - index at which they were expected
   */
  holds(hunk: Hunk, side: HunkSide, found: number, expected: number): boolean {
    const leading = side.lines.slice(0, side.firstChange + 1)
    if (leading.some((line) => beginsDefinition(this.#path, line.trimEnd()))) return true
    const section = hunk.section.slice(0, sectionLength.git).trimEnd()
    const isCut = section.length >= sectionLength.diff - 1
    const there = this.#sectionAt(found)
    if (section === there || (isCut && there.startsWith(section))) return true
    const name = definedName(this.#path, section)
    if (name !== null) return (this.#renamed.get(name) ?? name) === this.nameAt(found)
    if (this.#definitions.length === 0) return section === ''
    return this.nameAt(found) === this.nameAt(expected)
  }
}
