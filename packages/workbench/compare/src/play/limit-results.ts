// SPDX-License-Identifier: GPL-2.0-only
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import cacache from 'cacache'

/** Limit of all results in bytes. A comparison of the shipped patches stores about 40 MB. */
const defaultLimit = 2 ** 31

/** Part of the limit that remains after a removal, so that removals are rare. */
const remainder = 0.75

/** Time in ms between two checks. Listing ten thousand results takes two seconds. */
const interval = 86_400_000

/** Name of a file whose modification time is the time of the last check. */
const markerName = 'limit-checked'

/**
 * Removes the oldest results of a cache folder if all results together exceed the limit. Checks at most once a day.
 * Ignores failures, which occur if another process also removes results, or if the folder is read-only.
 *
 * @param limit - in bytes
 * @returns number of removed results; 0 after a failure
 */
export async function limitResults(folder: string, limit: number = defaultLimit): Promise<number> {
  const marker = join(folder, markerName)
  const checked = await stat(marker).catch(() => null)
  if (checked !== null && Date.now() - checked.mtimeMs < interval) return 0
  try {
    await writeFile(marker, '')
    return await removeOldest(folder, limit)
  } catch {
    return 0
  }
}

async function removeOldest(folder: string, limit: number): Promise<number> {
  const results = Object.values(await cacache.ls(folder)).sort((a, b) => b.time - a.time)
  const counted = new Set<string>()
  const old: cacache.CacheObject[] = []
  const kept = new Set<string>()
  let bytes = 0
  for (const result of results) {
    const { integrity, size } = result
    // Equal results share one content file.
    if (!counted.has(integrity)) bytes += size
    counted.add(integrity)
    if (bytes <= limit * remainder) kept.add(integrity)
    else if (!kept.has(integrity)) old.push(result)
  }
  if (bytes <= limit) return 0
  for (const { key, integrity } of old) {
    await cacache.rm.entry(folder, key)
    await cacache.rm.content(folder, integrity)
  }
  return old.length
}
