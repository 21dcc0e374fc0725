// SPDX-License-Identifier: GPL-2.0-only

/** A pattern as in a shell: `*` for any text, `?` for one character. */
function globOf(pattern: string): RegExp {
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${text}$`)
}

/** The ids that a word means: the same, those that a pattern fits, or those that begin so at the end of a word. */
export function idsMeant(word: string, ids: readonly string[]): string[] {
  if (ids.includes(word)) return [word]
  if (/[*?]/.test(word)) {
    const glob = globOf(word)
    return ids.filter((id) => glob.test(id))
  }
  return word === '' ? [] : ids.filter((id) => id.startsWith(word))
}
