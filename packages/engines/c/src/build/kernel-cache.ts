// SPDX-License-Identifier: GPL-2.0-only
import { randomUUID } from 'node:crypto'
import { statSync, type Stats } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ownedPrefix, TemporaryFolder } from '@pfo-workbench/process'
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
const maxBytes: number = 2 << 30

/** When the cache exceeds the limit, shrink it to 90 % of the limit, so that not every run has to evict entries. */
const rest = 0.9

/** An entry that was used within this time may belong to a command on another machine. In milliseconds. */
const inUse = 3_600_000

/** Folder with a subfolder for each running command. */
const commands = 'commands'
const ofCommand = 'command'

/**
 * A command that was killed in another container leaves its folder. The folder stays for this time, in milliseconds.
 */
const longestCommand = 86_400_000

/**
 * Makes a folder that tells other processes that this process uses the cache. The folder exists until the process ends.
 *
 * @returns the time, in ms, at which the oldest running command began to use the cache; negative infinity if that is
 * not known
 */
async function announce(folder: string): Promise<number> {
  const place = join(folder, commands)
  try {
    await mkdir(place, { recursive: true })
    const isKnown = (await readdir(place)).some((name) => name.startsWith(ownedPrefix(ofCommand)))
    if (!isKnown) await TemporaryFolder.create(ofCommand, place)
    const oldest = Date.now() - longestCommand
    const times: number[] = []
    for (const name of await readdir(place)) {
      const { mtimeMs } = await stat(join(place, name))
      if (mtimeMs > oldest) times.push(mtimeMs)
      else await removeQuietly(join(place, name))
    }
    return Math.min(...times)
  } catch {
    // The cache cannot be written, or a command ended just now.
    return Number.NEGATIVE_INFINITY
  }
}

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
const kinds = ['trees', 'configurations', 'generated', 'objects', 'programs', 'check'] as const

/** The status of a file; null if there is none or it cannot be read. */
function statusOf(file: string): Stats | null {
  try {
    return statSync(file)
  } catch {
    return null
  }
}

async function entriesIn(folder: string): Promise<Entry[]> {
  const sizes = await sizesIn(folder)
  const entries: Entry[] = []
  const measured: Record<string, number> = {}
  for (const kind of kinds) {
    for (const entry of await readdir(join(folder, kind)).catch(() => [])) {
      const name = join(kind, entry)
      // Hundreds of entries are looked at while a user waits, and the asynchronous function takes ten times as long.
      const known = statusOf(join(folder, name))
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
 *
 * @returns false if the entry was used, or if another process evicts it
 */
async function evict(folder: string, { name, used }: Entry): Promise<boolean> {
  const [place, moved] = [join(folder, name), join(folder, evicted, randomUUID())]
  const isUnused = async (path: string): Promise<boolean> => (await stat(path)).mtimeMs === used
  try {
    if (!(await isUnused(place))) return false
    await mkdir(join(folder, evicted), { recursive: true })
    await rename(place, moved)
    if (!(await isUnused(moved))) {
      await rename(moved, place)
      return false
    }
  } catch {
    // Another process evicts the same entries.
    return false
  }
  await removeQuietly(moved)
  return true
}

/**
 * Deletes the cache, except the notes of running commands. Later runs recreate what they need. A running compiler finds
 * all of a folder, or nothing.
 */
export async function clearKernelCache(folder: string): Promise<void> {
  for (const kind of kinds) {
    await mkdir(join(folder, evicted), { recursive: true }).catch(() => undefined)
    await rename(join(folder, kind), join(folder, evicted, randomUUID())).catch(() => undefined)
  }
  for (const name of await readdir(folder).catch(() => []))
    if (name !== commands) await rm(join(folder, name), { recursive: true, force: true })
}

/** Deletes a folder. Ignores errors: two processes may delete the same folder. The next run deletes what remains. */
async function removeQuietly(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => undefined)
}

/**
 * Deletes the least recently used entries of a kernel cache if their total size exceeds the limit. Entries that running
 * commands use stay. Call this before the cache is used: from then on, other commands keep the entries that this
 * process uses.
 *
 * @returns number of deleted bytes
 */
export async function limitKernelCache(folder: string, limit: number = maxBytes): Promise<number> {
  const begun = await announce(folder)
  // An earlier run may have been interrupted.
  await removeQuietly(join(folder, evicted))
  const entries = await entriesIn(folder)
  const bytes = entries.reduce((sum, one) => sum + one.bytes, 0)
  if (bytes <= limit) return 0
  const newest = Math.min(begun, Date.now() - inUse)
  let dropped = 0
  for (const entry of entries.toSorted((a, b) => a.used - b.used)) {
    if (bytes - dropped <= limit * rest || entry.used > newest) break
    if (await evict(folder, entry)) dropped += entry.bytes
  }
  return dropped
}
