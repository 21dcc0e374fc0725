// SPDX-License-Identifier: GPL-2.0-only
import { messageOf } from '@pfo-workbench/errors'
import type { MergeTexts } from '@pfo-workbench/patch'
import { mergeByGit } from '@pfo-workbench/patch/git'
import { TemporaryFolder } from '@pfo-workbench/process'
import { VariantError } from '../error.ts'

/** Merges texts with git, in a temporary folder that is created on first use. */
export class MergeFolder {
  #folder: TemporaryFolder | null = null
  readonly #abort = new AbortController()
  readonly #onExit = (): void => {
    this.#abort.abort()
  }

  /**
   * Merges three texts.
   *
   * @returns the merged text; null if there is a conflict
   * @throws VariantError `merge` if git cannot be used
   * @throws TemporaryFolderError if the folder cannot be created
   */
  async merge(texts: MergeTexts): Promise<string | null> {
    const folder = this.#folder ?? (await this.#make())
    try {
      return await mergeByGit(texts, folder.path, this.#abort.signal)
    } catch (fault) {
      throw new VariantError('merge', `git merge-file, which merges a patch, fails: ${messageOf(fault)}`, {
        cause: fault,
      })
    }
  }

  async #make(): Promise<TemporaryFolder> {
    const folder = (this.#folder = await TemporaryFolder.create('pfo-merge'))
    // Must run before the removal of the folder: a running git would create files in it.
    process.prependOnceListener('exit', this.#onExit)
    return folder
  }

  /** Removes the folder. */
  async dispose(): Promise<void> {
    process.off('exit', this.#onExit)
    await this.#folder?.dispose()
    this.#folder = null
  }
}
