// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs'
import { utimes } from 'node:fs/promises'

/**
 * Marks a file or folder of a cache folder as recently used, so that it is evicted last. Call this before the entry is
 * read: afterwards, no other process evicts the entry while this process runs.
 *
 * @returns false if the file or folder does not exist
 */
export async function markAsUsed(path: string): Promise<boolean> {
  const now = new Date()
  try {
    await utimes(path, now, now)
    return true
  } catch {
    // A cache that cannot be written can still be read.
    return existsSync(path)
  }
}
