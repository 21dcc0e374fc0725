// SPDX-License-Identifier: GPL-2.0-only

/** The three texts of a merge. */
export interface MergeTexts {
  readonly path: string
  /** The file as it is. */
  readonly ours: string
  /** The file that the patch was made for. */
  readonly base: string
  /** `base` with the patch applied. */
  readonly theirs: string
}

/** How files are merged to which a patch does not apply strictly. `@pfo-workbench/patch/git` has the first two. */
export interface MergeOptions {
  /** The id that git gives a file's text. */
  blobId(text: string): string
  /** Merges three texts; null if there is a conflict. */
  merge(texts: MergeTexts): Promise<string | null>
  /**
   * The text of a blob by its id as the patch abbreviates it; null if it is not known. Needed only for texts that the file does
   * not have in the tree, nor had between the patches of the stack.
   */
  readBlob?(path: string, id: string): Promise<string | null>
}

/** Blob ids shorter than this are not unique enough. */
const shortestBlobId = 7

/** The texts that files had while a stack of patches was applied, as a repository would keep them. */
export class FileVersions {
  readonly #options: MergeOptions
  readonly #texts = new Map<string, Set<string>>()

  constructor(options: MergeOptions) {
    this.#options = options
  }

  add(path: string, text: string): void {
    const texts = this.#texts.get(path)
    if (texts === undefined) this.#texts.set(path, new Set([text]))
    else texts.add(text)
  }

  /** The text that a patch names by the id of its blob, or null. */
  async find(path: string, id: string): Promise<string | null> {
    if (id.length < shortestBlobId || /^0+$/.test(id)) return null
    for (const text of this.#texts.get(path) ?? []) {
      if (this.#options.blobId(text).startsWith(id)) return text
    }
    return (await this.#options.readBlob?.(path, id)) ?? null
  }

  async merge(texts: MergeTexts): Promise<string | null> {
    return this.#options.merge(texts)
  }
}
