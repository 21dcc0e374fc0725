// SPDX-License-Identifier: GPL-2.0-only
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '@pfo-workbench/errors'
import { KernelTreeError } from '../error.ts'
import { markAsUsed } from '../mark-as-used.ts'
import type { Mount } from '../tree.ts'
import type { Listing } from './listing.ts'
import type { ObjectReader } from './object-reader.ts'

/** Folders that are too large to be exported as a whole when only one file is needed. */
const split = new Set(['arch', 'drivers', 'fs', 'net', 'sound', 'tools', 'samples'])

/** Number of files that are read and written in parallel. */
const batch = 64

/** A part of the tree that is exported at once: a folder with everything below it, or only the files directly in it. */
interface Unit {
  readonly folder: string
  readonly whole: boolean
}

function unitOf(path: string): Unit {
  const [top = '', second] = path.split('/')
  if (!split.has(top)) return { folder: path.includes('/') ? top : '', whole: path.includes('/') }
  return second === undefined || path === `${top}/${second}`
    ? { folder: top, whole: false }
    : { folder: `${top}/${second}`, whole: true }
}

/**
 * Writes parts of a git tree to real folders, each part once. The cache names a part by its content, so commits share
 * the parts in which they agree.
 */
export class Exporter {
  readonly #cache: string
  readonly #listing: Listing
  readonly #reader: ObjectReader
  readonly #units = new Map<string, Unit>()
  readonly #done = new Map<string, Promise<Mount>>()

  /** @param cache - folder in the user's cache for exported parts */
  constructor(cache: string, listing: Listing, reader: ObjectReader) {
    this.#cache = cache
    this.#listing = listing
    this.#reader = reader
  }

  /**
   * Exports the parts that contain these files and folders. Ignores paths that are not in the tree.
   *
   * @returns all parts that have been exported so far, deepest path first
   */
  async provide(paths: readonly string[]): Promise<readonly Mount[]> {
    for (const path of paths) {
      const { files, folders } = this.#listing
      if (!files.has(path) && !folders.has(path)) continue
      // For a folder, export the part that contains the folder's files.
      const unit = unitOf(folders.has(path) ? `${path}/.` : path)
      if (!this.#units.has(unit.folder)) this.#units.set(unit.folder, unit)
    }
    const mounts = await Promise.all([...this.#units.values()].map(async (unit) => this.#mountOf(unit)))
    return mounts.toSorted((a, b) => b.path.length - a.path.length)
  }

  /** Exports a part once, and again if it was deleted: the user may clear the cache while this process runs. */
  async #mountOf(unit: Unit): Promise<Mount> {
    const known = this.#done.get(unit.folder)
    if (known !== undefined) {
      const mount = await known
      if (existsSync(mount.from)) return mount
      // A parallel call may export the part again already.
      if (this.#done.get(unit.folder) === known) this.#done.delete(unit.folder)
      return this.#mountOf(unit)
    }
    const mount = this.#export(unit)
    this.#done.set(unit.folder, mount)
    return mount
  }

  async #export(unit: Unit): Promise<Mount> {
    const prefix = unit.folder === '' ? '' : `${unit.folder}/`
    const files = [...this.#listing.files].filter(
      ([path]) => path.startsWith(prefix) && (unit.whole || !path.slice(prefix.length).includes('/')),
    )
    const hash = createHash('sha256')
    for (const [path, id] of files) hash.update(`${path.slice(prefix.length)}\0${id}\0`)
    const target = join(this.#cache, hash.digest('hex'))
    const mount = { path: unit.folder, from: target }
    try {
      if (await markAsUsed(target)) return mount
      const draft = `${target}.${randomUUID()}`
      await mkdir(draft, { recursive: true })
      try {
        await this.#write(files, prefix, draft)
        await rename(draft, target)
      } catch (fault) {
        await rm(draft, { recursive: true, force: true })
        // Another process may have exported the same part first.
        if (!existsSync(target)) throw fault
      }
      return mount
    } catch (fault) {
      if (fault instanceof KernelTreeError) throw fault
      const why = messageOf(fault)
      throw new KernelTreeError(
        'unreadable',
        `files of the commit cannot be written to ${this.#cache}: ${why}`,
        {
          cause: fault,
        },
      )
    }
  }

  async #write(files: readonly (readonly [string, string])[], prefix: string, draft: string): Promise<void> {
    const made = new Set<string>()
    for (let at = 0; at < files.length; at += batch)
      await Promise.all(
        files.slice(at, at + batch).map(async ([path, id]) => {
          const bytes = await this.#reader.read(id)
          if (bytes === null)
            throw new KernelTreeError('repository', `the repository has no object ${id} (${path})`)
          const file = join(draft, path.slice(prefix.length))
          const folder = dirname(file)
          if (!made.has(folder)) {
            await mkdir(folder, { recursive: true })
            made.add(folder)
          }
          await writeFile(file, bytes, { flag: 'wx' })
        }),
      )
  }
}
