// SPDX-License-Identifier: GPL-2.0-only

/** Control and format characters, halves of characters, and what is none. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu

/** Text from a patch or from patched code as it may be printed, in lines: control characters are shown, not sent to the terminal. */
export function printable(text: string): string {
  return text.replace(unprintable, (char) => {
    if (char === '\n') return char
    if (char === '\t') return '  '
    const code = (char.codePointAt(0) ?? 0).toString(16)
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`
  })
}

/** What is shown of a reason: as much of a line, and as many lines. What a patch adds to that says nothing. */
const shown = { characters: 1_000, lines: 60 }

/** Why something is not `ok`, as it may be printed: texts from patches in it are cut where they go on and on. */
export function reasonText(text: string): string {
  const lines = text
    .split('\n', shown.lines)
    .map((line) => (line.length <= shown.characters ? line : `${line.slice(0, shown.characters)}…`))
  return printable(lines.join('\n'))
}

/** The message of anything that was thrown. */
export function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault)
}
