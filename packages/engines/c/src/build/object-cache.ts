// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { markAsUsed, writeCacheFile } from '@pfo-workbench/kernel-tree'
import { decodeObject, encodeObject, type ObjectFile } from '@pfo-workbench/object'
import { readIntact, writeIntact } from './intact-file.ts'

/** The files that earlier compilations of the same file with the same options included. */
const manifestSchema = z.array(z.array(z.string()))

/** The inputs of an object, except the files that it includes. */
export interface ObjectSource {
  readonly file: string
  readonly flags: readonly string[]
  /** Identifies our code, the compiler, the generated headers, and the options of the translation. */
  readonly context: readonly unknown[]
}

/** An object, and the files that its source includes. */
export interface KeptObject {
  readonly object: ObjectFile
  readonly headers: readonly string[]
}

/** Hash of a file of the tree; null if the file does not exist. */
export type HashOf = (path: string) => Promise<string | null>

/**
 * Objects, keyed by the content of everything that they are made from. The included headers are known only after
 * compilation, so the cache stores, for each file, the sets of headers that it was seen to include.
 */
export class ObjectCache {
  readonly #folder: string

  constructor(cacheFolder: string) {
    this.#folder = join(cacheFolder, 'objects')
  }

  /** The cached object for the same inputs; null if there is none. */
  async find(source: ObjectSource, hashOf: HashOf): Promise<KeptObject | null> {
    for (const headers of await this.#manifest(source)) {
      const file = this.#objectPath(await keyOf(source, headers, hashOf))
      const bytes = await readIntact(file)
      if (bytes === null) continue
      try {
        const object = decodeObject(bytes)
        await Promise.all([file, this.#manifestPath(source)].map(markAsUsed))
        return { object, headers }
      } catch {
        // Another version of the format: it will be recompiled, like a damaged object.
      }
    }
    return null
  }

  /** Stores an object. If it cannot be written, the next run only takes longer. */
  async keep(source: ObjectSource, { object, headers }: KeptObject, hashOf: HashOf): Promise<void> {
    try {
      await writeIntact(this.#objectPath(await keyOf(source, headers, hashOf)), encodeObject(object))
      const known = await this.#manifest(source)
      const isKnown = known.some((one) => one.join() === headers.join())
      if (!isKnown) await writeCacheFile(this.#manifestPath(source), JSON.stringify([...known, headers]))
    } catch (fault) {
      if (!(fault instanceof Error) || !('syscall' in fault)) throw fault
    }
  }

  async #manifest(source: ObjectSource): Promise<readonly (readonly string[])[]> {
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

async function keyOf(source: ObjectSource, headers: readonly string[], hashOf: HashOf): Promise<string> {
  const contents = await Promise.all(headers.map(hashOf))
  return hash([source, headers, contents])
}

const hash = (parts: unknown): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

async function readOrNull(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file)
  } catch {
    return null
  }
}
