// SPDX-License-Identifier: GPL-2.0-only
import { stripVTControlCharacters } from 'node:util'
import Table from 'cli-table3'

/** Space between columns. */
export const gap = 2

/** A table without borders. */
const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
} as const

/**
 * Splits a row with cells of several lines into rows of single lines. The table library is slow with multi-line cells:
 * it measures the whole cell for each of its lines.
 */
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
  const grid = new Table({
    head: [...head],
    colAligns: [...aligns],
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
  })
  grid.push(...rows.flatMap(lineRows))
  return grid.toString().replace(/[ \t]+$/gm, '')
}

/** Width of the widest line. */
export function widthOf(texts: readonly string[]): number {
  return Math.max(
    ...texts.flatMap((text) => text.split('\n')).map((line) => stripVTControlCharacters(line).length),
  )
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
