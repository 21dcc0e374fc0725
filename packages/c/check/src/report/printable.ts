// SPDX-License-Identifier: GPL-2.0-only

/** Control and format characters: escape sequences, returns, changes of writing direction, halves of characters. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** Text from a patch or a tree as it may be shown on a terminal, on one line: control characters are spelled out. */
function printable(text: string): string {
  return text.replaceAll(unprintable, (character) =>
    character === '\t' ? '  ' : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

/** The same document with all its texts printable; lines of diagnostics and reasons stay lines. */
export function printableDocument<T>(data: T): T {
  const json = JSON.stringify(data, (key, value: unknown) => {
    if (typeof value !== 'string') return value
    return key === 'diagnostics' || key === 'reason'
      ? value.split('\n').map(printable).join('\n')
      : printable(value)
  })
  return JSON.parse(json) as T
}
