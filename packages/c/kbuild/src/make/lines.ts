// SPDX-License-Identifier: GPL-2.0-only

/** A line of a makefile, with continuation lines joined and comments removed. */
export interface MakeLine {
  /** Number of its first line, from 1. */
  readonly number: number
  readonly text: string
  /** True if the line starts with a tab. After a rule, such a line is a command. */
  readonly isIndented: boolean
}

/** Removes a comment. A number sign after a backslash does not start one. */
function withoutComment(line: string): string {
  for (let at = line.indexOf('#'); at >= 0; at = line.indexOf('#', at + 1)) {
    if (line[at - 1] !== '\\') return line.slice(0, at)
  }
  return line
}

/** Splits a makefile into lines like make. Drops empty lines. */
export function makeLines(text: string): readonly MakeLine[] {
  const raw = text.split(/\r?\n/)
  const lines: MakeLine[] = []
  for (let at = 0; at < raw.length; at++) {
    const number = at + 1
    let line = raw[at] ?? ''
    const isIndented = line.startsWith('\t')
    while (line.endsWith('\\') && at + 1 < raw.length)
      line = `${line.slice(0, -1).trimEnd()} ${(raw[++at] ?? '').trimStart()}`
    const bare = withoutComment(line).trim()
    if (bare !== '') lines.push({ number, text: bare, isIndented })
  }
  return lines
}
