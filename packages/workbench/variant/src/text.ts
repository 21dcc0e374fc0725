// SPDX-License-Identifier: GPL-2.0-only

/** Text from a patch or from patched code as it may be printed: control characters are shown, not sent to the terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (char) =>
    char === '\t' ? '  ' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
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
