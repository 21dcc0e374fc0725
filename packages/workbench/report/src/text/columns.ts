// SPDX-License-Identifier: GPL-2.0-only
import { width, wrapped } from './lines.ts'

/** Two texts beside each other, with a line between them. */
export function besides(left: readonly string[], right: readonly string[]): string[] {
  const half = Math.floor((width - 3) / 2)
  const wrap = (texts: readonly string[]): string[] =>
    texts.flatMap((text) => wrapped('', text, half).split('\n'))
  const [a, b] = [wrap(left), wrap(right)]
  return Array.from({ length: Math.max(a.length, b.length) }, (_, row) =>
    `${(a[row] ?? '').padEnd(half)} | ${b[row] ?? ''}`.trimEnd(),
  )
}
