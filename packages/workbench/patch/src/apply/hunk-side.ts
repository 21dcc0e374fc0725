// SPDX-License-Identifier: GPL-2.0-only
import type { Hunk } from '../diff/hunks.ts'

/** Splits a file into lines with their newlines; the last may lack one. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => `${line}\n`)
  const last = lines.pop()?.slice(0, -1) ?? ''
  return last === '' ? lines : [...lines, last]
}

/** The text before (`old`) or after (`new`) the change. */
export type Side = 'old' | 'new'

/** One side of a hunk, in the form used for searching a file. */
export interface HunkSide {
  /** The lines with their newlines. A line followed by `\ No newline at end of file` has none. */
  readonly lines: readonly string[]
  /** For each of `lines`, its index in `Hunk.lines`. */
  readonly origin: readonly number[]
  /** Index in the file at which the lines are according to the hunk header. */
  readonly stated: number
  /** True if the lines must be at the start of the file, because the header says so. `git apply` has the same rule. */
  readonly atBeginning: boolean
  /** True if the lines must be at the end of the file: there is no context after the last change. */
  readonly atEnd: boolean
  /** Index in `lines` of the first change; for an insertion, of the line after it. */
  readonly firstChange: number
}

export function sideOf(hunk: Hunk, side: Side): HunkSide {
  const mark = side === 'old' ? '-' : '+'
  const lines: string[] = []
  const origin: number[] = []
  let firstChange = -1
  for (const [index, line] of hunk.lines.entries()) {
    if (line.startsWith('\\')) continue
    if (!line.startsWith(' ') && firstChange < 0) firstChange = lines.length
    if (!line.startsWith(' ') && !line.startsWith(mark)) continue
    const hasNewline = hunk.lines[index + 1]?.startsWith('\\') !== true
    lines.push(hasNewline ? `${line.slice(1)}\n` : line.slice(1))
    origin.push(index)
  }
  const start = side === 'old' ? hunk.oldStart : hunk.newStart
  return {
    lines,
    origin,
    stated: start - 1,
    atBeginning: start <= 1,
    atEnd: hunk.lines.findLast((line) => !line.startsWith('\\'))?.startsWith(' ') !== true,
    firstChange: Math.max(firstChange, 0),
  }
}
