// SPDX-License-Identifier: GPL-2.0-only
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The size of the kernel cache: objects, configurations, generated headers, parts of commits. */
export interface KernelCacheContent {
  readonly files: number
  readonly bytes: number
}

/** A cached file. */
interface Kept {
  readonly path: string
  readonly bytes: number
  /** Time of the last use, in ms. */
  readonly used: number
}

/** Size limit of the cache in bytes. An object has about 150 KB; the objects of a kernel have about 20 MB. */
const mostObjectBytes: number = 1 << 30

/** When the cache exceeds the limit, shrink it to 90 % of the limit, so that not every run has to evict files. */
const rest = 0.9

async function* filesIn(folder: string): AsyncGenerator<Kept, void, undefined> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesIn(path)
    else if (entry.isFile()) {
      const known = await stat(path).catch(() => null)
      if (known !== null) yield { path, bytes: known.size, used: known.mtimeMs }
    }
  }
}

async function all(folder: string): Promise<Kept[]> {
  const found: Kept[] = []
  for await (const one of filesIn(folder)) found.push(one)
  return found
}

const sizeOf = (kept: readonly Kept[]): number => kept.reduce((sum, { bytes }) => sum + bytes, 0)

/** The content of a kernel cache folder. */
export async function inspectKernelCache(folder: string): Promise<KernelCacheContent> {
  const kept = await all(folder)
  return { files: kept.length, bytes: sizeOf(kept) }
}

/** Deletes the cache. Later runs recreate what they need. */
export async function clearKernelCache(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

/**
 * Deletes the least recently used files of a folder if their total size exceeds the limit.
 *
 * @returns number of deleted bytes
 */
export async function limitFolder(folder: string, most: number = mostObjectBytes): Promise<number> {
  const kept = await all(folder)
  const bytes = sizeOf(kept)
  if (bytes <= most) return 0
  let dropped = 0
  for (const one of kept.sort((a, b) => a.used - b.used)) {
    if (bytes - dropped <= most * rest) break
    await rm(one.path, { force: true })
    dropped += one.bytes
  }
  return dropped
}
