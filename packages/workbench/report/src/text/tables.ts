// SPDX-License-Identifier: GPL-2.0-only
import stringWidth from 'string-width'

/** Space between columns. */
export const gap = 2

/** Splits a row with cells of several lines into rows of single lines. */
function lineRows(row: readonly string[]): string[][] {
  const cells = row.map((cell) => cell.split('\n'))
  const height = Math.max(...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, index) => cells.map((lines) => lines[index] ?? ''))
}

/** Formats rows as a table. A cell can have several lines; each line has its own colours. */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  aligns: readonly ('left' | 'right')[] = [],
): string {
  const lines = (head.length === 0 ? rows : [head, ...rows]).flatMap(lineRows)
  const columns = Math.max(0, ...lines.map((cells) => cells.length))
  const widths = Array.from({ length: columns }, (_, at) => widthOf(lines.map((cells) => cells[at] ?? '')))
  const padded = (cell: string, at: number): string => {
    const room = ' '.repeat((widths[at] ?? 0) - stringWidth(cell))
    return aligns[at] === 'right' ? room + cell : cell + room
  }
  return lines.map((cells) => cells.map(padded).join(' '.repeat(gap)).trimEnd()).join('\n')
}

/** Width of the widest line. */
export function widthOf(texts: readonly string[]): number {
  return Math.max(...texts.flatMap((text) => text.split('\n')).map((line) => stringWidth(line)))
}

/** Splits columns into panels that fit next to a first column. */
export function panelsOf<T extends { readonly width: number }>(
  columns: readonly T[],
  first: number,
  width: number,
): T[][] {
  const panels: T[][] = []
  let used = Number.POSITIVE_INFINITY
  for (const column of columns) {
    if (used + column.width > width) {
      panels.push([])
      used = first + gap
    }
    panels.at(-1)?.push(column)
    used += column.width + gap
  }
  return panels
}
