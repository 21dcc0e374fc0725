// SPDX-License-Identifier: GPL-2.0-only

/** Adds names to the set of a key. */
export function addNames(sets: Map<string, Set<string>>, key: string, names: readonly string[]): void {
  const own = sets.get(key) ?? new Set()
  sets.set(key, own)
  for (const name of names) own.add(name)
}
