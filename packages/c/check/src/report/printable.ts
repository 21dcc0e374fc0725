// SPDX-License-Identifier: GPL-2.0-only

/** Control and format characters: escape sequences, carriage returns, changes of writing direction, lone surrogates. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** Text from a patch or a tree, made safe for a terminal and put on one line: control characters are spelled out. */
function printable(text: string): string {
  return text.replaceAll(unprintable, (character) =>
    character === '\t' ? '  ' : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

/** The same document with all its texts printable. Diagnostics and reasons keep their line breaks. */
export function printableDocument<T>(data: T): T {
  const json = JSON.stringify(data, (key, value: unknown) => {
    if (typeof value !== 'string') return value
    return key === 'diagnostics' || key === 'reason'
      ? value.split('\n').map(printable).join('\n')
      : printable(value)
  })
  return JSON.parse(json) as T
}
