// SPDX-License-Identifier: GPL-2.0-only
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** The size of the kernel cache: objects, configurations, generated headers, parts of commits, results of checks. */
export interface KernelCacheContent {
  readonly files: number
  readonly bytes: number
}

/**
 * Size limit of the cache in bytes. The objects of a kernel have about 20 MB. The parts of a commit have about 100 MB;
 * commits share the parts that are equal in them.
 */
const mostBytes: number = 2 << 30

/** When the cache exceeds the limit, shrink it to 90 % of the limit, so that not every run has to evict entries. */
const rest = 0.9

/** An entry that was used within this time may belong to a command that is running. In milliseconds. */
const inUse = 3_600_000

async function* filesIn(folder: string): AsyncGenerator<number, void, undefined> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesIn(path)
    else if (entry.isFile()) {
      const known = await stat(path).catch(() => null)
      if (known !== null) yield known.size
    }
  }
}

/** The content of a kernel cache folder. */
export async function inspectKernelCache(folder: string): Promise<KernelCacheContent> {
  let [files, bytes] = [0, 0]
  for await (const size of filesIn(folder)) {
    files++
    bytes += size
  }
  return { files, bytes }
}

/** Deletes the cache. Later runs recreate what they need. */
export async function clearKernelCache(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

/** A file, or a folder such as a part of a commit. It is used and evicted as a whole, and its content never changes. */
interface Entry {
  readonly name: string
  readonly bytes: number
  /** Time of the last use, in ms. */
  readonly used: number
}

/** The sizes of folders of the cache, by name. Adding up the files of all commits would take seconds. */
const sizesSchema = z.record(z.string(), z.number())
const sizesFile = 'sizes.json'

async function sizesIn(folder: string): Promise<Record<string, number>> {
  try {
    return sizesSchema.parse(JSON.parse(await readFile(join(folder, sizesFile), 'utf8')))
  } catch {
    return {}
  }
}

/** Folders of the cache, by the packages that fill them: kernel-tree, kbuild, engine-c, check. */
const kinds = ['trees', 'configurations', 'generated', 'objects', 'check'] as const

async function entriesIn(folder: string): Promise<Entry[]> {
  const sizes = await sizesIn(folder)
  const entries: Entry[] = []
  const measured: Record<string, number> = {}
  for (const kind of kinds) {
    for (const entry of await readdir(join(folder, kind)).catch(() => [])) {
      const name = join(kind, entry)
      const known = await stat(join(folder, name)).catch(() => null)
      if (known === null) continue
      let bytes = known.size
      if (known.isDirectory()) {
        bytes = sizes[name] ?? (await inspectKernelCache(join(folder, name))).bytes
        measured[name] = bytes
      }
      entries.push({ name, bytes, used: known.mtimeMs })
    }
  }
  if (JSON.stringify(measured) !== JSON.stringify(sizes)) {
    // If the sizes cannot be written, they are measured again next time.
    await writeFile(join(folder, sizesFile), JSON.stringify(measured)).catch(() => undefined)
  }
  return entries
}

/** Folder to which entries are moved before they are deleted. */
const evicted = 'evicted'

/**
 * Deletes an entry unless it was used after it was listed. Readers trust a folder that exists, so the entry is moved
 * first: an interrupted deletion leaves no half of a folder in its place.
 */
async function evict(folder: string, { name, used }: Entry): Promise<boolean> {
  const moved = join(folder, evicted, randomUUID())
  try {
    const { mtimeMs } = await stat(join(folder, name))
    if (mtimeMs !== used) return false
    await mkdir(join(folder, evicted), { recursive: true })
    await rename(join(folder, name), moved)
  } catch {
    // Another process evicts the same entries.
    return false
  }
  await removeQuietly(moved)
  return true
}

/** Two processes may delete the same folder. What remains is deleted by the next run. */
async function removeQuietly(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => undefined)
}

/**
 * Deletes the least recently used entries of a kernel cache if their total size exceeds the limit. Entries that may be
 * in use stay.
 *
 * @returns number of deleted bytes
 */
export async function limitKernelCache(folder: string, most: number = mostBytes): Promise<number> {
  // An earlier run may have been interrupted.
  await removeQuietly(join(folder, evicted))
  const entries = await entriesIn(folder)
  const bytes = entries.reduce((sum, one) => sum + one.bytes, 0)
  if (bytes <= most) return 0
  const newest = Date.now() - inUse
  let dropped = 0
  for (const entry of entries.toSorted((a, b) => a.used - b.used)) {
    if (bytes - dropped <= most * rest || entry.used > newest) break
    if (await evict(folder, entry)) dropped += entry.bytes
  }
  return dropped
}
