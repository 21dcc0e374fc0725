// SPDX-License-Identifier: GPL-2.0-only

/**
 * Control and format characters: escape sequences, carriage returns, changes of writing direction, lone surrogates and
 * noncharacters.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu

/** Fast path: nearly all texts consist of these characters only. */
const plain = /^[ -~]*$/

function escape(character: string): string {
  if (character === '\t') return '  '
  const code = (character.codePointAt(0) ?? 0).toString(16)
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`
}

/**
 * Escapes control characters (`\u001b`) so that text from a patch or from patched code can be shown on a terminal.
 * Patches are untrusted, and terminals act on control characters. A tab becomes two spaces.
 */
export function printable(text: string): string {
  return plain.test(text) ? text : text.replace(unprintable, escape)
}

/** Like `printable`, but keeps line breaks. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}
