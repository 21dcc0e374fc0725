// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MergeTexts } from '@pfo-workbench/patch'
import { mergeByGit } from '@pfo-workbench/patch/git'
import { VariantError } from '../error.ts'
import { ownedPrefix, reclaim } from '../processes/owner.ts'
import { messageOf } from '../text.ts'

/** Folders that a killed process left are known by their names. */
const kind = 'pfo-merge'

/** How often, and how long after one another, in ms, removal is tried while a git that was told to end still writes. */
const removals = { attempts: 40, pause: 25 }

/**
 * Removes a folder that a process which is ending may still write to, without a turn of the event loop. `maxRetries` of `rmSync`
 * does not do: it does not list the folder again.
 */
function removeStubbornly(folder: string): void {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (let attempt = 0; attempt < removals.attempts; attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true })
      return
    } catch {
      Atomics.wait(clock, 0, 0, removals.pause)
    }
  }
}

/** Merges texts by git, in a temporary folder that is made when it is first needed. */
export class MergeFolder {
  #folder: string | null = null
  readonly #abort = new AbortController()
  readonly #onExit = (): void => {
    // A git that is still at work puts files into folders that are being removed.
    this.#abort.abort()
    if (this.#folder !== null) removeStubbornly(this.#folder)
  }

  /**
   * @returns the merged text; null if there is a conflict
   * @throws VariantError `merge` when git or a place for temporary files is missing
   */
  async merge(texts: MergeTexts): Promise<string | null> {
    const folder = this.#folder ?? (await this.#make())
    try {
      return await mergeByGit(texts, folder, this.#abort.signal)
    } catch (fault) {
      throw new VariantError('merge', `git merge-file, which merges a patch, fails: ${messageOf(fault)}`, {
        cause: fault,
      })
    }
  }

  async #make(): Promise<string> {
    try {
      await reclaim(tmpdir(), kind)
      // Without a wait in between: a signal at a wait would leave a folder that no handler knows.
      this.#folder = mkdtempSync(join(tmpdir(), ownedPrefix(kind)))
      process.once('exit', this.#onExit)
      return this.#folder
    } catch (fault) {
      throw new VariantError(
        'merge',
        `no folder for temporary files can be made in ${tmpdir()}, where git would merge a patch. Accepted: a TMPDIR that exists and can be written to.`,
        { cause: fault },
      )
    }
  }

  /** Removes the folder. */
  async dispose(): Promise<void> {
    process.off('exit', this.#onExit)
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true })
    this.#folder = null
  }
}
