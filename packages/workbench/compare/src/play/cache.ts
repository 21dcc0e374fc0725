// SPDX-License-Identifier: GPL-2.0-only
import { accessSync, constants, existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import cacache from 'cacache'

/**
 * Where results are kept: `pfo-workbench` in XDG_CACHE_HOME, or in `~/.cache` (XDG Base Directory Specification, which says
 * that a relative path counts for nothing).
 */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const given = env['XDG_CACHE_HOME'] ?? ''
  return join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'pfo-workbench')
}

/** What the results in a cache were made with: results of something else are never asked for again. */
export interface Origin {
  /** The workbench's own code. */
  readonly tool: string
  /** The engine, and the unpatched sources. */
  readonly engine: string
}

/** What is in a cache. */
export interface CacheContent {
  readonly entries: number
  readonly bytes: number
}

const reasonOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault))

/**
 * Why something cannot be written into a folder. Of one that cannot be made because the disk is read-only Node says that it is not
 * there, so the nearest that is there is asked first.
 */
function whyNotWritten(folder: string, fault: unknown): string {
  // Above the root of a drive that is not there is nothing either.
  const nearest = (path: string): string =>
    existsSync(path) || path === dirname(path) ? path : nearest(dirname(path))
  try {
    accessSync(nearest(folder), constants.W_OK)
    return reasonOf(fault)
  } catch (cause) {
    return reasonOf(cause)
  }
}

/** Whatever was not written to its end after so long, in ms, never will be: a result takes a few of them. */
const longestWrite = 3_600_000

/**
 * Results by the hash of all that they depend on, kept on disk. It may be shared by processes, interrupted, read-only or
 * full: a result that cannot be read is one that is not there, and one that cannot be written is said once and done without.
 */
export class ResultCache {
  readonly #folder: string
  readonly #origin: Origin
  readonly #warn: (message: string) => void
  #warned = false

  /**
   * @param folder - is made when the first result is written
   * @param warn - called at most once, when results cannot be kept
   */
  constructor(folder: string, origin: Origin, warn: (message: string) => void) {
    this.#folder = folder
    this.#origin = origin
    this.#warn = warn
  }

  /** Removes what writes left that were killed. */
  async reclaim(): Promise<void> {
    const folder = join(this.#folder, 'tmp')
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name)
      try {
        if (Date.now() - (await stat(path)).mtimeMs > longestWrite) await rm(path, { recursive: true })
      } catch {
        // Somebody else removed it, or nobody can.
      }
    }
  }

  #key(kind: string, key: string): string {
    const { tool, engine } = this.#origin
    return `${kind}:${tool}:${engine}:${key}`
  }

  /** What is kept under a key, or null. */
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

  /** A damaged result has to go before it can be written again. */
  async #drop(name: string, fault: unknown): Promise<void> {
    const code = fault instanceof Error && 'code' in fault ? fault.code : undefined
    if (code === 'ENOENT') return
    try {
      const entry = await cacache.get.info(this.#folder, name)
      await cacache.rm.entry(this.#folder, name)
      if (entry !== null) await cacache.rm.content(this.#folder, entry.integrity)
    } catch {
      // It stays, and is found damaged again.
    }
  }

  /** Keeps a value. */
  async put(kind: string, key: string, value: unknown): Promise<void> {
    // What cannot be written once cannot be written the next time: a full disk is not tried a thousand times.
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
      `results cannot be kept in ${this.#folder}: ${whyNotWritten(this.#folder, fault)}. The comparison goes on without (--no-cache does so from the start, XDG_CACHE_HOME names another place).`,
    )
  }
}

/** What a cache folder holds. */
export async function inspectCache(folder: string): Promise<CacheContent> {
  const entries = Object.values(await cacache.ls(folder))
  const sizes = new Map(entries.map(({ integrity, size }) => [integrity, size]))
  return { entries: entries.length, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) }
}

/**
 * Removes results that nobody will ask for again, because another workbench or another engine made them, whatever is damaged,
 * and what interrupted writes left.
 *
 * @param keep - whose results stay; null removes all
 */
export async function pruneCache(
  folder: string,
  keep: Origin | null,
): Promise<{ before: CacheContent; after: CacheContent }> {
  const before = await inspectCache(folder)
  if (keep === null) await cacache.rm.all(folder)
  else if (before.entries > 0) {
    const isKept = ({ metadata }: cacache.CacheObject): boolean => {
      const origin = metadata as Partial<Origin> | undefined
      return origin?.tool === keep.tool && origin.engine === keep.engine
    }
    // The types have this function as a text.
    await cacache.verify(folder, { filter: isKept as unknown as string })
  }
  return { before, after: await inspectCache(folder) }
}
