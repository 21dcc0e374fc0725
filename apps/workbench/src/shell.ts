// SPDX-License-Identifier: GPL-2.0-only

/** Words as a POSIX shell takes them: quoted where they have to be. */
export function shellWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}
