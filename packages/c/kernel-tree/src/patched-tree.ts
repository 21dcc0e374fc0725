// SPDX-License-Identifier: GPL-2.0-only
import { isTreePath, type KernelTree, type Mount, type Texts } from './tree.ts'
import { acceptVersion, type KernelVersion } from './version.ts'

/** A tree in which texts replace files. */
class PatchedTree implements KernelTree {
  readonly #base: KernelTree
  readonly texts: Texts
  readonly version: KernelVersion

  constructor(base: KernelTree, texts: Texts, version: KernelVersion) {
    this.#base = base
    this.texts = texts
    this.version = version
  }

  get title(): string {
    return this.#base.title
  }

  get commit(): string | null {
    return this.#base.commit
  }

  get id(): string {
    return this.#base.id
  }

  get notes(): readonly string[] {
    return this.#base.notes
  }

  async read(path: string): Promise<Buffer | null> {
    const text = this.texts.get(path)
    if (text === undefined) return this.#base.read(path)
    return text === null ? null : Buffer.from(text)
  }

  async list(folder: string): Promise<readonly string[]> {
    const names = new Set(await this.#base.list(folder))
    const prefix = folder === '' ? '' : `${folder}/`
    for (const [path, text] of this.texts) {
      if (!path.startsWith(prefix)) continue
      const rest = path.slice(prefix.length)
      const end = rest.indexOf('/')
      if (end >= 0) {
        if (text !== null) names.add(rest.slice(0, end + 1))
      } else if (text === null) names.delete(rest)
      else names.add(rest)
    }
    return [...names].sort()
  }

  async mounts(paths: readonly string[]): Promise<readonly Mount[]> {
    return this.#base.mounts(paths)
  }

  /** Does nothing. The caller owns the base tree and may use it with other texts. */
  async dispose(): Promise<void> {
    return Promise.resolve()
  }
}

/**
 * Replaces files of a tree by texts, such as the result of a patch. The tree itself does not change, and must outlive
 * the result.
 *
 * @throws RangeError if a path is not valid in a tree
 * @throws KernelTreeError `not-a-kernel` if the top Makefile is removed or its new text has no version, `too-old` if
 * its new text has the version of a kernel that is too old
 */
export function withTexts(tree: KernelTree, texts: Texts): KernelTree {
  for (const path of texts.keys())
    if (!isTreePath(path)) throw new RangeError(`'${path}' is not a path in a kernel tree`)
  const all = new Map([...tree.texts, ...texts])
  const makefile = texts.get('Makefile')
  const version = makefile === undefined ? tree.version : acceptVersion(makefile, tree.title)
  return new PatchedTree(tree, all, version)
}
