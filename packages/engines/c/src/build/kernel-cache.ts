// SPDX-License-Identifier: GPL-2.0-only
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** How much is kept of kernels: objects, configurations, generated headers, parts of commits. */
export interface KernelCacheContent {
  readonly files: number
  readonly bytes: number
}

/** A file that is kept. */
interface Kept {
  readonly path: string
  readonly bytes: number
  /** When it was used last, in ms. */
  readonly used: number
}

/** Bytes of objects that are kept. An object has some 150 KB, a kernel of them some 20 MB. */
const mostObjectBytes: number = 1 << 30

/** Of what is over the limit, a tenth more is dropped, so that not each run has to look for something to drop. */
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

/** What a folder for kernels holds. */
export async function inspectKernelCache(folder: string): Promise<KernelCacheContent> {
  const kept = await all(folder)
  return { files: kept.length, bytes: sizeOf(kept) }
}

/** Removes all of it. What is needed again is made again. */
export async function clearKernelCache(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

/**
 * Drops the files of a folder that were not used for the longest time, if all together are too large.
 *
 * @returns bytes that were dropped
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
