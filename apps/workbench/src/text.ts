// SPDX-License-Identifier: GPL-2.0-only
import { printableLines } from '@pfo-workbench/report'
import wrapAnsi from 'wrap-ansi'

/** A message for stderr, where other programs of a pipe speak too. */
export const saidByPfo = (message: string): string => `pfo: ${printableLines(message)}\n`

/** Columns of a terminal that everybody has. */
const columns = 80

/** Breaks a text into lines of `width` columns; those after the first are indented as far as the first one begins. */
export function filled(text: string, first = '', width: number = columns): string {
  const lines = wrapAnsi(text, width - first.length, { hard: true, trim: true }).split('\n')
  return lines.map((line, index) => (index === 0 ? first : ' '.repeat(first.length)) + line).join('\n')
}

/** Two texts beside each other, with a line between them. */
export function besides(left: readonly string[], right: readonly string[]): string[] {
  const width = Math.floor((columns - 3) / 2)
  const wrap = (texts: readonly string[]): string[] =>
    texts.flatMap((text) => {
      const indent = /^ */.exec(text)?.[0] ?? ''
      return filled(text.trimStart(), indent, width).split('\n')
    })
  const [a, b] = [wrap(left), wrap(right)]
  return Array.from({ length: Math.max(a.length, b.length) }, (_, row) =>
    `${(a[row] ?? '').padEnd(width)} | ${b[row] ?? ''}`.trimEnd(),
  )
}
