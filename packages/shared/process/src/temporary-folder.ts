// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodedError, messageOf } from '@pfo-workbench/errors'
import { ownedPrefix, removeStaleFolders } from './stale-folders.ts'

/** Number of removal attempts, and pause between them in ms, while a killed process may still write. */
const removals = { attempts: 40, pause: 25 }

/**
 * Synchronously removes a folder that a dying process may still write to. `maxRetries` of `rmSync` is not enough:
 * its retries do not read the folder again.
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

/** The folder for temporary files cannot be used: no folder can be created in it, or nothing can be written. */
export class TemporaryFolderError extends CodedError<'not-created' | 'not-writable'> {
  override readonly name = 'TemporaryFolderError'
}

/** A folder that is removed when this process ends. After SIGKILL, the next `create` with the same kind removes it. */
export class TemporaryFolder {
  readonly path: string
  readonly #onExit = (): void => {
    this.disposeNow()
  }

  private constructor(kind: string, parent: string) {
    this.path = mkdtempSync(join(parent, ownedPrefix(kind)))
    process.once('exit', this.#onExit)
  }

  /**
   * Creates a folder, and removes those of killed processes.
   *
   * @param kind - prefix of the name
   * @param parent - the folder to create it in
   * @throws TemporaryFolderError `not-created`
   */
  static async create(kind: string, parent: string = tmpdir()): Promise<TemporaryFolder> {
    try {
      await removeStaleFolders(parent, kind)
      return new TemporaryFolder(kind, parent)
    } catch (fault) {
      throw new TemporaryFolderError(
        'not-created',
        `no temporary folder can be created in ${parent}: ${messageOf(fault)}. Accepted: a TMPDIR that exists and is writable.`,
        { cause: fault },
      )
    }
  }

  /** Removes the folder without waiting for other work. */
  disposeNow(): void {
    process.off('exit', this.#onExit)
    removeStubbornly(this.path)
  }

  /** Removes the folder. */
  async dispose(): Promise<void> {
    process.off('exit', this.#onExit)
    await rm(this.path, { recursive: true, force: true })
  }
}
