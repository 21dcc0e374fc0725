// SPDX-License-Identifier: GPL-2.0-only
import type { Hunk } from '../diff/hunks.ts'
import type { Definition } from '../definitions/definition.ts'
import { definedName, definitionsIn } from '../definitions/definitions.ts'
import type { HunkSide, Side } from './hunk-side.ts'

/** Number of characters of a line that git and `diff -p` print in a hunk header. */
const sectionLength = { git: 80, diff: 40 }

/**
 * Returns the text that git diff prints in a hunk header for a line, or null if the line starts no section. Kernel
 * trees use git's `cpp` driver for C, `dts` for device trees, and the default for other files.
 */
function sectionOf(path: string, line: string): string | null {
  const text = line.trimEnd()
  const isC = /\.[ch]$/.test(path)
  const begins = /\.dtsi?$/.test(path)
    ? !/[;=]/.test(text) && /^\s*(?:\/\s*\{|&?[A-Za-z_])/.test(text)
    : /^[A-Za-z_$]/.test(text) && !(isC && /^\w+:\s*(?:$|\/[/*])/.test(text))
  return begins ? text.trim().slice(0, sectionLength.git).trimEnd() : null
}

/** True if a line starts something that is unique in a file: a definition or a macro. */
function beginsDefinition(path: string, line: string): boolean {
  if (!/\.(?:[ch]|ts)$/.test(path)) return false
  return definedName(path, line) !== null || /^(?:\w[^;]*\{$|#\s*define\s+\w)/.test(line)
}

/** New names of functions whose first line a patch replaces, by their old names. */
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
 * Finds the function of a line, to decide whether a hunk found at another line than its header says is still in its
 * function.
 */
export class Functions {
  readonly #path: string
  readonly #image: readonly string[]
  readonly #renamed: ReadonlyMap<string, string>
  #known: readonly Definition[] | null = null

  /**
   * @param hunks - all hunks of the file
   * @param side - the side of the hunks to search for; hunk headers name functions of the old side
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

  /** Name of the definition that contains or precedes the line; null before the first. @param at - index of the line */
  nameAt(at: number): string | null {
    return this.#definitions.findLast(({ start }) => start <= at + 1)?.name ?? null
  }

  /** The text that git diff would print in the header of a hunk starting at a line. */
  #sectionAt(at: number): string {
    for (let index = Math.min(at, this.#image.length) - 1; index >= 0; index--) {
      const section = sectionOf(this.#path, this.#image[index] ?? '')
      if (section !== null) return section
    }
    return ''
  }

  /**
   * Returns true if a hunk found at `found` is in the function that it belongs to. This is so in any of these cases:
   *
   * - Its lines up to the first change start a definition: the hunk belongs to this definition, wherever the definition
   *   is.
   * - git would print the same hunk header at `found`.
   * - Its header names a definition, and `found` is in or directly after the definition of that name.
   * - Its header names no definition (but a label, a declaration, nothing), and `found` is in or directly after the
   *   same definition as `expected`. In files without definitions, the header must be empty; as for all moved hunks,
   *   the position must then be unique.
   *
   * @param found - index at which all lines of the hunk match
   * @param expected - index at which the lines were expected
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
