// SPDX-License-Identifier: GPL-2.0-only
import { closest, distance } from 'fastest-levenshtein'

/** Returns ` Did you mean "wipe"?` if a known name is close to `name`; otherwise an empty string. */
export function suggestion(name: string, names: readonly string[]): string {
  const starts = names.filter((one) => name !== '' && one.startsWith(name))
  const best = starts.length === 1 ? starts[0] : names.length > 0 ? closest(name, [...names]) : undefined
  if (best === undefined) return ''
  const isNear = starts.length === 1 || distance(name, best) <= Math.max(2, Math.floor(name.length / 3))
  return isNear ? ` Did you mean "${best}"?` : ''
}
