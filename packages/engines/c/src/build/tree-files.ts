// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import type { KernelTree } from '@pfo-workbench/kernel-tree'

/** Hashes of the files of a tree, and names in its folders. Each is looked up once. */
export class TreeFiles {
  readonly #tree: KernelTree
  readonly #unpatched: TreeFiles | null
  readonly #hashes = new Map<string, Promise<string | null>>()
  readonly #names = new Map<string, Promise<ReadonlySet<string>>>()
  #haveNew: Promise<boolean> | null = null
  /** Folders that contain a file that the patches changed, at any depth. */
  readonly #patched: ReadonlySet<string>

  /** @param unpatched - the files of the same tree without patches. Unchanged files and folders are looked up there */
  constructor(tree: KernelTree, unpatched: TreeFiles | null = null) {
    this.#tree = tree
    this.#unpatched = unpatched
    this.#patched = new Set([...tree.texts.keys()].flatMap(foldersAbove))
  }

  /** True if patches added a file; false if the files without patches are not known. */
  async haveNew(): Promise<boolean> {
    return (this.#haveNew ??= this.#seekNew())
  }

  async #seekNew(): Promise<boolean> {
    for (const [path, text] of this.#tree.texts)
      if (text !== null && (await this.#unpatched?.hashOf(path)) === null) return true
    return false
  }

  /** Hash of a file; null if the file does not exist. */
  async hashOf(path: string): Promise<string | null> {
    if (this.#unpatched !== null && !this.#tree.texts.has(path)) return this.#unpatched.hashOf(path)
    let known = this.#hashes.get(path)
    if (known === undefined) {
      known = this.#tree.read(path).then((bytes) => (bytes === null ? null : hashOfText(bytes)))
      this.#hashes.set(path, known)
    }
    return known
  }

  /** Names of files and folders in a folder. Empty if there is no such folder. */
  async namesIn(folder: string): Promise<ReadonlySet<string>> {
    if (this.#unpatched !== null && !this.#patched.has(folder)) return this.#unpatched.namesIn(folder)
    let known = this.#names.get(folder)
    if (known === undefined) {
      known = this.#tree.list(folder).then((names) => new Set(names.map((name) => name.replace(/\/$/, ''))))
      this.#names.set(folder, known)
    }
    return known
  }
}

/**
 * The files of a tree, with what is already known about them.
 *
 * @param unpatched - the files of the same tree without patches, if they were looked up before
 */
export const filesOf = (tree: KernelTree, unpatched?: TreeFiles): TreeFiles =>
  unpatched !== undefined && tree.texts.size === 0 ? unpatched : new TreeFiles(tree, unpatched)

/** Hash of the content of a file. */
export const hashOfText = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')

function foldersAbove(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, index).join('/'))
}
