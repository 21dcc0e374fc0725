// SPDX-License-Identifier: GPL-2.0-only

/** Joins words for a POSIX shell and quotes them if necessary. */
export function shellWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}
