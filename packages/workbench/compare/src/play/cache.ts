// SPDX-License-Identifier: GPL-2.0-only
import { accessSync, constants, existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { messageOf } from '@pfo-workbench/errors'
import cacache from 'cacache'

/**
 * Folder of the cache: `pfo-workbench` in XDG_CACHE_HOME or in `~/.cache`. The XDG Base Directory Specification says to
 * ignore relative paths.
 */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const given = env['XDG_CACHE_HOME'] ?? ''
  return join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'pfo-workbench')
}

/** The code that produced a cached result. Results with another origin are never used again. */
export interface ResultOrigin {
  /** Hash of the workbench's own code. */
  readonly tool: string
  /** Hash of the engine and the unpatched sources. */
  readonly engine: string
}

/** The content of a cache. */
export interface CacheContent {
  readonly entries: number
  readonly bytes: number
}

/**
 * Returns the reason why a folder is not writable. If a folder cannot be created because the disk is read-only, Node
 * reports that it does not exist. So the nearest existing folder is checked first.
 */
function whyNotWritten(folder: string, fault: unknown): string {
  // The root of a missing drive has no existing parent.
  const nearest = (path: string): string =>
    existsSync(path) || path === dirname(path) ? path : nearest(dirname(path))
  try {
    accessSync(nearest(folder), constants.W_OK)
    return messageOf(fault)
  } catch (cause) {
    return messageOf(cause)
  }
}

/** Age in ms after which an unfinished write counts as abandoned. Writing a result takes a few ms. */
const longestWrite = 3_600_000

/**
 * Results on disk, keyed by the hash of their inputs. The cache tolerates concurrent processes, interruption, and a
 * read-only or full disk. An unreadable result counts as missing. A failed write is reported once; then caching stops.
 */
export class ResultCache {
  readonly #folder: string
  readonly #origin: ResultOrigin
  readonly #warn: (message: string) => void
  #warned = false

  /**
   * @param folder - created when the first result is written
   * @param warn - called at most once, when results cannot be written
   */
  constructor(folder: string, origin: ResultOrigin, warn: (message: string) => void) {
    this.#folder = folder
    this.#origin = origin
    this.#warn = warn
  }

  /** Removes leftovers of killed writers. */
  async reclaim(): Promise<void> {
    const folder = join(this.#folder, 'tmp')
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name)
      try {
        if (Date.now() - (await stat(path)).mtimeMs > longestWrite) await rm(path, { recursive: true })
      } catch {
        // Another process removed it, or it cannot be removed.
      }
    }
  }

  #key(kind: string, key: string): string {
    const { tool, engine } = this.#origin
    return `${kind}:${tool}:${engine}:${key}`
  }

  /** Returns the value under a key; null if it is missing or unreadable. */
  async get(kind: string, key: string): Promise<unknown> {
    const name = this.#key(kind, key)
    try {
      const { data } = await cacache.get(this.#folder, name)
      return JSON.parse(data.toString('utf8')) as unknown
    } catch (fault) {
      await this.#drop(name, fault)
      return null
    }
  }

  /** Removes a damaged result, so that it can be written again. */
  async #drop(name: string, fault: unknown): Promise<void> {
    const code = fault instanceof Error && 'code' in fault ? fault.code : undefined
    if (code === 'ENOENT') return
    try {
      const entry = await cacache.get.info(this.#folder, name)
      await cacache.rm.entry(this.#folder, name)
      if (entry !== null) await cacache.rm.content(this.#folder, entry.integrity)
    } catch {
      // The damaged result stays. The next read fails again and retries the removal.
    }
  }

  /** Stores a value. Does not throw: the first failure is passed to `warn`, and later calls do nothing. */
  async put(kind: string, key: string, value: unknown): Promise<void> {
    // After one failed write, do not try again: the disk may be full.
    if (this.#warned) return
    try {
      await cacache.put(this.#folder, this.#key(kind, key), JSON.stringify(value), { metadata: this.#origin })
    } catch (fault) {
      this.#complain(fault)
    }
  }

  #complain(fault: unknown): void {
    if (this.#warned) return
    this.#warned = true
    this.#warn(
      `results cannot be cached in ${this.#folder}: ${whyNotWritten(this.#folder, fault)}. The comparison continues without a cache. --no-cache disables the cache; XDG_CACHE_HOME selects another folder.`,
    )
  }
}

/** Counts the entries and bytes in a cache folder. */
export async function inspectCache(folder: string): Promise<CacheContent> {
  const entries = Object.values(await cacache.ls(folder))
  const sizes = new Map(entries.map(({ integrity, size }) => [integrity, size]))
  return { entries: entries.length, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) }
}

/**
 * Removes results of other versions of the workbench or engine, damaged entries, and leftovers of interrupted writes.
 *
 * @param keep - origin of the results to keep; null removes all
 */
export async function pruneCache(
  folder: string,
  keep: ResultOrigin | null,
): Promise<{ before: CacheContent; after: CacheContent }> {
  const before = await inspectCache(folder)
  if (keep === null) await cacache.rm.all(folder)
  else if (before.entries > 0) {
    const isKept = ({ metadata }: cacache.CacheObject): boolean => {
      const origin = metadata as Partial<ResultOrigin> | undefined
      return origin?.tool === keep.tool && origin.engine === keep.engine
    }
    // The package's types wrongly declare the filter as a string.
    await cacache.verify(folder, { filter: isKept as unknown as string })
  }
  return { before, after: await inspectCache(folder) }
}
