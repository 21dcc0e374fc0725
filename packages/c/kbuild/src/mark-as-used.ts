// SPDX-License-Identifier: GPL-2.0-only
import { utimes } from 'node:fs/promises'

/** Marks a file or folder of the cache as recently used, so that it is evicted last. */
export async function markAsUsed(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch(() => undefined)
}
