// SPDX-License-Identifier: GPL-2.0-only
import wrapAnsi from 'wrap-ansi'

/** Columns of a terminal that everybody has. */
export const width = 80

/**
 * Breaks a text between words, or within a word that is too long for a line.
 *
 * @param first - how the first line begins; the lines below it are indented as far
 * @param columns - how wide lines may be
 */
export function wrapped(first: string, text: string, columns: number = width): string {
  const rest = ' '.repeat(first.length)
  const lines = wrapAnsi(text, columns - first.length, { hard: true }).split('\n')
  return lines.map((line, index) => (index === 0 ? first : rest) + line).join('\n')
}

/** A stack's id is as long as it has patches: it is broken before a `+`, one patch a line. */
export function stackName(id: string, columns: number): string {
  if (id.length <= columns) return id
  return id
    .split(/(?=\+)/)
    .map((patch) => wrapped('', patch, columns))
    .join('\n')
}
