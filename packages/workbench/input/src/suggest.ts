// SPDX-License-Identifier: GPL-2.0-only
import { distance } from 'fastest-levenshtein'

/** Maximum number of suggested names. A longer list does not help. */
const maxSuggestions = 4

/**
 * Minimum length of a word to compare with beginnings of names. A shorter word is close to the beginnings of most
 * names.
 */
const shortestBeginning = 5

function either(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`)
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1) ?? ''}`
}

/** The name that is closest to a word, or whose beginning is closest to it; undefined if no name is close enough. */
function nearest(word: string, names: readonly string[]): string | undefined {
  const most = Math.floor(word.length / 3)
  const near = names.flatMap((name) => {
    const whole = distance(word, name)
    const beginning =
      word.length < shortestBeginning ? Number.POSITIVE_INFINITY : distance(word, name.slice(0, word.length))
    const isNear = whole <= Math.max(2, most) || beginning <= most
    return isNear ? [{ name, far: Math.min(whole, beginning) }] : []
  })
  return near.sort((a, b) => a.far - b.far)[0]?.name
}

/** Returns ` Did you mean "wipe"?` if a known name is close to `word` or starts with it; otherwise an empty string. */
export function suggestion(word: string, names: readonly string[]): string {
  const starts = word === '' ? [] : names.filter((one) => one.startsWith(word))
  if (starts.length > 0 && starts.length <= maxSuggestions) return ` Did you mean ${either(starts)}?`
  const best = nearest(word, names)
  return best === undefined ? '' : ` Did you mean "${best}"?`
}
