// SPDX-License-Identifier: GPL-2.0-only
import type { Hunk } from '../diff/hunks.ts'
import type { Definition } from '../definitions/definition.ts'
import { definedName, definitionsIn } from '../definitions/definitions.ts'
import type { HunkSide } from './image.ts'

/** Characters of a line that git prints in a hunk header. */
const sectionLength = 80

/** Whether git diff takes a line for the beginning of a section: C with `diff=cpp`, as kernel trees have it, else its default. */
function beginsSection(line: string): boolean {
  return /^[A-Za-z_$]/.test(line) && !/^[ \t]*\w+:\s*(?:$|\/[/*])/.test(line)
}

/**
 * Tells in which function the lines of one file stand, to decide whether a hunk that fits at another line than its header says
 * still is in its function.
 */
export class Functions {
  readonly #path: string
  readonly #image: readonly string[]
  #known: readonly Definition[] | null = null

  constructor(path: string, image: readonly string[]) {
    this.#path = path
    this.#image = image
  }

  get #definitions(): readonly Definition[] {
    this.#known ??= definitionsIn(this.#path, this.#image.join('')).filter(({ kind }) => kind !== 'macro')
    return this.#known
  }

  /** Name of the definition that the line is in or behind; null before the first. @param at - index of the line */
  nameAt(at: number): string | null {
    return this.#definitions.findLast(({ start }) => start <= at + 1)?.name ?? null
  }

  /** The line that git diff would print in the header of a hunk that begins at a line. */
  #sectionAt(at: number): string {
    for (let index = Math.min(at, this.#image.length) - 1; index >= 0; index--) {
      const line = this.#image[index] ?? ''
      if (beginsSection(line)) return line.trimEnd().slice(0, sectionLength).trimEnd()
    }
    return ''
  }

  /**
   * Whether a hunk that fits at `found` is in the function that it was made for.
   *
   * - The context before its first change begins a function: it is that one, wherever it stands.
   * - Its header names a line: git would print the same line at `found`, or `found` is in or behind the definition of that name.
   * - Its header names nothing that can be compared (a label, nothing): `found` is in the same definition as `expected`.
   *
   * @param found - index at which all of its lines match
   * @param expected - index at which they were expected
   */
  holds(hunk: Hunk, side: HunkSide, found: number, expected: number): boolean {
    const before = side.lines.slice(0, side.firstChange)
    if (before.some((line) => definedName(this.#path, line.trimEnd()) !== null)) return true
    const section = hunk.section.slice(0, sectionLength).trimEnd()
    if (section !== '' && beginsSection(section)) {
      if (this.#sectionAt(found) === section) return true
      const name = definedName(this.#path, section)
      return name !== null && name === this.nameAt(found)
    }
    const name = this.nameAt(found)
    return name === this.nameAt(expected) && (name !== null || section === '')
  }
}
