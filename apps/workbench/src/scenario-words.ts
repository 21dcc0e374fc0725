// SPDX-License-Identifier: GPL-2.0-only

/** Translates a shell pattern: `*` for any text, `?` for one character. */
function globOf(pattern: string): RegExp {
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${text}$`)
}

/** The ids that a word means: an equal id, the ids that match a pattern, or the ids that start with the word. */
export function idsMeant(word: string, ids: readonly string[]): string[] {
  if (ids.includes(word)) return [word]
  if (/[*?]/.test(word)) {
    const glob = globOf(word)
    return ids.filter((id) => glob.test(id))
  }
  return word === '' ? [] : ids.filter((id) => id.startsWith(word))
}
