// SPDX-License-Identifier: GPL-2.0-only

/** Translates a shell pattern: `*` for any text, `?` for one character. */
function globOf(pattern: string): RegExp {
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${text}$`)
}

/**
 * The ids that an argument selects: an equal id; for a pattern, the ids that match; otherwise the ids that start with
 * the argument. An empty argument selects nothing.
 */
export function matchIds(argument: string, ids: readonly string[]): string[] {
  if (ids.includes(argument)) return [argument]
  if (/[*?]/.test(argument)) {
    const glob = globOf(argument)
    return ids.filter((id) => glob.test(id))
  }
  return argument === '' ? [] : ids.filter((id) => id.startsWith(argument))
}
