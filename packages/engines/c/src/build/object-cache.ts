// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { markAsUsed, writeCacheFile } from '@pfo-workbench/kernel-tree'
import { decodeObject, encodeObject, type ObjectFile } from '@pfo-workbench/object'
import { readIntact, writeIntact } from './intact-file.ts'

/** The files that earlier compilations of a file with the same options depend on, one entry per set of headers. */
const manifestSchema = z.array(
  z.object({
    headers: z.array(z.string()),
    hiders: z.array(z.string()),
    /** Id of the tree that was last searched for `hiders`; null if that tree was patched. */
    tree: z.string().nullable(),
  }),
)
type Entry = z.infer<typeof manifestSchema>[number]

/** The inputs of an object, except the files that it includes. */
export interface ObjectSource {
  readonly file: string
  readonly flags: readonly string[]
  /** Identifies our code, the compiler, the generated headers, and the options of the translation. */
  readonly context: readonly unknown[]
}

/** The files that a compilation depends on. */
interface Inputs {
  /** The files that it reads, the C file too. */
  readonly headers: readonly string[]
  /** Other files of the tree that may hide one of them: see `IncludeSearch`. */
  readonly hiders: readonly string[]
}

/** An object, and the files that it was made from. */
export interface KeptObject extends Inputs {
  readonly object: ObjectFile
}

/** Hash of a file of the tree; null if the file does not exist. */
export type HashOf = (path: string) => Promise<string | null>

/** The tree that the cache finds an object for. */
interface TreeState {
  /** Null if patches changed the tree. */
  readonly id: string | null
  readonly hashOf: HashOf
  /** Finds the files that may hide headers. */
  readonly hidersOf: (headers: readonly string[]) => Promise<readonly string[]>
}

/**
 * Objects, keyed by the content of everything that they are made from, and by the files that could hide a header. The
 * included headers are known only after compilation, so the cache stores, for each file, the sets of headers that it
 * was seen to include.
 */
export class ObjectCache {
  readonly #folder: string

  constructor(cacheFolder: string) {
    this.#folder = join(cacheFolder, 'objects')
  }

  /** The cached object for the same inputs; null if there is none. */
  async find(source: ObjectSource, { id, hashOf, hidersOf }: TreeState): Promise<KeptObject | null> {
    for (const entry of await this.#manifest(source)) {
      const { headers } = entry
      const isKnown = id !== null && entry.tree === id
      const inputs = { headers, hiders: isKnown ? entry.hiders : await hidersOf(headers) }
      const file = this.#objectPath(await keyOf(source, inputs, hashOf))
      const bytes = await readIntact(file)
      if (bytes === null) continue
      try {
        const object = decodeObject(bytes)
        await Promise.all([file, this.#manifestPath(source)].map(markAsUsed))
        if (id !== null && !isKnown) await this.#note(source, { ...inputs, tree: id })
        return { object, ...inputs }
      } catch {
        // Another version of the format: it will be recompiled, like a damaged object.
      }
    }
    return null
  }

  /** Stores an object. Does nothing if the cache cannot be written. */
  async keep(
    source: ObjectSource,
    { object, ...inputs }: KeptObject,
    { id, hashOf }: Pick<TreeState, 'id' | 'hashOf'>,
  ): Promise<void> {
    await unlessUnwritable(async () =>
      writeIntact(this.#objectPath(await keyOf(source, inputs, hashOf)), encodeObject(object)),
    )
    await this.#note(source, { ...inputs, tree: id })
  }

  /** Adds an entry to the manifest of a source, in place of an entry with the same headers. */
  async #note(
    source: ObjectSource,
    { headers, hiders, tree }: Inputs & { tree: string | null },
  ): Promise<void> {
    const others = (await this.#manifest(source)).filter((one) => one.headers.join() !== headers.join())
    const entries = [...others, { headers, hiders, tree }]
    await unlessUnwritable(async () => writeCacheFile(this.#manifestPath(source), JSON.stringify(entries)))
  }

  async #manifest(source: ObjectSource): Promise<readonly Entry[]> {
    const bytes = await readOrNull(this.#manifestPath(source))
    if (bytes === null) return []
    try {
      return manifestSchema.parse(JSON.parse(bytes.toString('utf8')))
    } catch {
      return []
    }
  }

  #manifestPath(source: ObjectSource): string {
    return join(this.#folder, `${hash(source)}.headers`)
  }

  #objectPath(key: string): string {
    return join(this.#folder, `${key}.object`)
  }
}

/** If the cache cannot be written, the next run only takes longer. */
async function unlessUnwritable(write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (fault) {
    if (!(fault instanceof Error) || !('syscall' in fault)) throw fault
  }
}

async function keyOf(source: ObjectSource, { headers, hiders }: Inputs, hashOf: HashOf): Promise<string> {
  const contents = await Promise.all(headers.map(hashOf))
  return hash([source, headers, contents, hiders])
}

const hash = (parts: unknown): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

async function readOrNull(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file)
  } catch {
    return null
  }
}
