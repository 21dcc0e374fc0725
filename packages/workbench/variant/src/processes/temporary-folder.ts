// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VariantError } from '../error.ts'
import { messageOf } from '../text.ts'
import { ownedPrefix, reclaim } from './owner.ts'

/** A folder that goes with this process, however that ends; after SIGKILL the next process removes it. */
export class TemporaryFolder {
  readonly path: string
  readonly #onExit = (): void => {
    rmSync(this.path, { recursive: true, force: true })
  }

  private constructor(kind: string) {
    this.path = mkdtempSync(join(tmpdir(), ownedPrefix(kind)))
    process.once('exit', this.#onExit)
  }

  /**
   * Makes a folder, and removes those that killed processes left.
   *
   * @param kind - the beginning of its name
   * @throws VariantError `temporary` when it cannot be made
   */
  static async create(kind: string): Promise<TemporaryFolder> {
    try {
      await reclaim(tmpdir(), kind)
      return new TemporaryFolder(kind)
    } catch (fault) {
      throw new VariantError(
        'temporary',
        `no folder for temporary files can be made in ${tmpdir()}: ${messageOf(fault)}. Accepted: a TMPDIR that exists and can be written to.`,
        { cause: fault },
      )
    }
  }

  /** Removes the folder. */
  async dispose(): Promise<void> {
    process.off('exit', this.#onExit)
    await rm(this.path, { recursive: true, force: true })
  }
}
