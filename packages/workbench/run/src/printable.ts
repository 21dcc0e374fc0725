// SPDX-License-Identifier: GPL-2.0-only

/** Control and format characters: escape sequences, returns, changes of writing direction, halves of characters, and what is none. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu

/** Nearly all texts are of these characters alone, which is found out much faster. */
const plain = /^[ -~]*$/

function escape(character: string): string {
  if (character === '\t') return '  '
  const code = (character.codePointAt(0) ?? 0).toString(16)
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`
}

/**
 * Text that came from a patch or from patched code, as it may be shown on a terminal: control characters are spelled out
 * (`\u001b`). Patches are untrusted, and a terminal obeys.
 */
export function printable(text: string): string {
  return plain.test(text) ? text : text.replace(unprintable, escape)
}

/** As `printable`, but text of several lines stays so. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}
