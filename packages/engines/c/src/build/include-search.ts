// SPDX-License-Identifier: GPL-2.0-only
import { posix } from 'node:path'
import type { TreeFiles } from './tree-files.ts'

interface Folder {
  readonly path: string
  readonly names: ReadonlySet<string>
}

/** A name by which the compiler finds a header in one of its include folders. */
interface Spelling {
  readonly name: string
  /** The first part of the name: the name itself, or a folder. */
  readonly first: string
  /** The compiler searches this many include folders without success before it finds the name. */
  readonly before: number
}

/** What is known about a header, whatever other headers the same file includes. */
interface Sought {
  /** The folder of the header. */
  readonly folder: string
  readonly spellings: readonly Spelling[]
  /** Files that hide the header because their include folder comes first. */
  readonly earlier: readonly string[]
}

/** The include folders of a file, and the headers that were sought there. */
interface Searched {
  readonly folders: readonly Folder[]
  readonly headers: Map<string, Sought>
}

/** True for headers that the configured tree generates. They take the place of files of the tree. */
export const isGenerated = (path: string): boolean => /^(?:arch\/\w+\/)?include\/generated\//.test(path)

/**
 * Finds files that would hide a header, because the compiler searches their folders before the header's folder. An
 * object depends on these files as it depends on the headers.
 */
export class IncludeSearch {
  readonly #files: TreeFiles
  /** By the options that name the include folders. */
  readonly #searched = new Map<string, Promise<Searched>>()

  constructor(files: TreeFiles) {
    this.#files = files
  }

  /**
   * The sorted paths of the tree's files that may hide one of the headers. They include those that hide a header from
   * `#include "…"` only, because it is not known how a header was included.
   *
   * @param headers - all files that the compiler read, the C file too. They are not in the result
   * @param flags - the compiler's options
   */
  async hidersOf(headers: readonly string[], flags: readonly string[]): Promise<string[]> {
    const searched = await this.#searchedBy(flags.filter((flag) => flag.startsWith('-I')))
    const hiders = new Set<string>()
    const [includers, firsts] = [new Set<string>(), new Map<string, Spelling[]>()]
    for (const header of headers) {
      let sought = searched.headers.get(header)
      if (sought === undefined) {
        sought = await this.#seek(header, searched.folders)
        searched.headers.set(header, sought)
      }
      for (const path of sought.earlier) hiders.add(path)
      includers.add(sought.folder)
      for (const spelling of sought.spellings) {
        const those = firsts.get(spelling.first)
        if (those === undefined) firsts.set(spelling.first, [spelling])
        else those.push(spelling)
      }
    }
    // `#include "…"` begins in the folder of the file that includes the header.
    for (const path of includers) {
      const folder = await this.#folder(path)
      for (const [first, those] of firsts)
        if (mayHave(folder, first)) for (const one of those) await this.#addIfThere(hiders, folder, one)
    }
    for (const header of headers) hiders.delete(header)
    return [...hiders].sort()
  }

  async #searchedBy(options: readonly string[]): Promise<Searched> {
    const key = options.join('\n')
    let known = this.#searched.get(key)
    if (known === undefined) {
      const paths = options.map((option) => folderOf(posix.normalize(`${option.slice(2)}/x`)))
      known = Promise.all(paths.map(async (path) => this.#folder(path))).then((folders) => {
        return { folders, headers: new Map() }
      })
      this.#searched.set(key, known)
    }
    return known
  }

  async #folder(path: string): Promise<Folder> {
    return { path, names: await this.#files.namesIn(path) }
  }

  async #seek(header: string, folders: readonly Folder[]): Promise<Sought> {
    const spellings = spellingsOf(header, folders)
    const earlier = new Set<string>()
    for (const one of spellings) {
      for (const folder of folders.slice(0, one.before))
        if (mayHave(folder, one.first)) await this.#addIfThere(earlier, folder, one)
    }
    return { folder: folderOf(header), spellings, earlier: [...earlier] }
  }

  async #addIfThere(found: Set<string>, folder: Folder, { name }: Spelling): Promise<void> {
    const path = posix.join(folder.path, name)
    if (isGenerated(path)) return
    const names = await this.#files.namesIn(folderOf(path))
    if (names.has(path.slice(path.lastIndexOf('/') + 1))) found.add(path)
  }
}

const mayHave = ({ names }: Folder, first: string): boolean => first === '..' || names.has(first)

/** The folder of a file; empty for the top of the tree. */
const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/**
 * The names of a header: its path from each include folder that contains it at any depth. If no include folder does, a
 * name begins with `..`.
 */
function spellingsOf(header: string, folders: readonly Folder[]): readonly Spelling[] {
  const spellings: Spelling[] = []
  folders.forEach(({ path: { length }, path }, before) => {
    if (length > 0 && (header[length] !== '/' || !header.startsWith(path))) return
    const name = length === 0 ? header : header.slice(length + 1)
    spellings.push({ name, first: name.slice(0, `${name}/`.indexOf('/')), before })
  })
  if (spellings.length > 0) return spellings
  return folders.map(({ path }, before) => {
    return { name: posix.relative(`/${path}`, `/${header}`), first: '..', before }
  })
}
