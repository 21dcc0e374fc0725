// SPDX-License-Identifier: GPL-2.0-only
import { utimes } from 'node:fs/promises'

/** Marks a file or folder of a cache folder as recently used, so that it is evicted last. It may be missing. */
export async function markAsUsed(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch(() => undefined)
}
