// SPDX-License-Identifier: GPL-2.0-only
import { wrapped } from './lines.ts'

/** Puts two texts side by side, separated by a vertical line. Wraps each of them to half of `columns`. */
export function sideBySide(left: readonly string[], right: readonly string[], columns: number): string[] {
  const half = Math.floor((columns - 3) / 2)
  const wrap = (texts: readonly string[]): string[] =>
    texts.flatMap((text) => wrapped('', text, half).split('\n'))
  const [a, b] = [wrap(left), wrap(right)]
  return Array.from({ length: Math.max(a.length, b.length) }, (_, row) =>
    `${(a[row] ?? '').padEnd(half)} | ${b[row] ?? ''}`.trimEnd(),
  )
}
