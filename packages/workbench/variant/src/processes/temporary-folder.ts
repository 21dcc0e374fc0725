// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VariantError } from '../error.ts'
import { messageOf } from '../text.ts'
import { ownedPrefix, reclaim } from './owner.ts'

/** How often, and how long after one another, in ms, removal is tried while a process that was told to end still writes. */
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

/** A folder that goes with this process, however that ends; after SIGKILL the next process removes it. */
export class TemporaryFolder {
  readonly path: string
  readonly #onExit = (): void => {
    removeStubbornly(this.path)
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
