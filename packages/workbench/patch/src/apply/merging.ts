// SPDX-License-Identifier: GPL-2.0-only

/** The three texts of a merge. */
export interface MergeTexts {
  readonly path: string
  /** The current file. */
  readonly ours: string
  /** The file that the patch was made for. */
  readonly base: string
  /** `base` with the patch applied. */
  readonly theirs: string
}

/**
 * Functions that merge files to which a patch does not apply. `@pfo-workbench/patch/git` has the first two functions.
 */
export interface MergeOptions {
  /** Computes the id that git gives to a file's text. */
  blobId(text: string): string
  /** Merges three texts; returns null if there is a conflict. */
  merge(texts: MergeTexts): Promise<string | null>
  /**
   * Returns the text of a blob by its id as abbreviated in the patch; null if unknown. Needed only for texts that are
   * neither in the tree nor an intermediate result of the stack.
   */
  readBlob?(path: string, id: string): Promise<string | null>
}

/** Shorter blob ids are too ambiguous. */
const shortestBlobId = 7

/** Remembers the texts that files had while a stack was applied, like a repository. */
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

  /** Returns the text of the blob that a patch names, or null. */
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
