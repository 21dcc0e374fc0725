// SPDX-License-Identifier: GPL-2.0-only
import { printableLines } from '@pfo-workbench/run'

/** What is shown of a reason: as much of a line, and as many lines. What a patch adds to that says nothing. */
const shown = { characters: 1_000, lines: 60 }

/** Why something is not `ok`, as it may be printed: texts from patches in it are cut where they go on and on. */
export function reasonText(text: string): string {
  const lines = text
    .split('\n', shown.lines)
    .map((line) => (line.length <= shown.characters ? line : `${line.slice(0, shown.characters)}…`))
  return printableLines(lines.join('\n'))
}

/** The message of anything that was thrown. */
export function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault)
}
