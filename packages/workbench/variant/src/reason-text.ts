// SPDX-License-Identifier: GPL-2.0-only
import { printableLines } from '@pfo-workbench/wording'

/** Limits for a printed reason: characters per line, and lines. Patches can make reasons endless. */
const shown = { characters: 1_000, lines: 60 }

/** Makes a reason printable. Long texts are cut, because they may come from patches. */
export function reasonText(text: string): string {
  const lines = text
    .split('\n', shown.lines)
    .map((line) => (line.length <= shown.characters ? line : `${line.slice(0, shown.characters)}…`))
  return printableLines(lines.join('\n'))
}
