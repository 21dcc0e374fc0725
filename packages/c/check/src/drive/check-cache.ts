// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { markAsUsed, writeCacheFile } from '@pfo-workbench/kernel-tree'
import { checkedPatchSchema, type CheckedPatch } from '../report/document.ts'

/** A result, and whether a repeated check would give the same one. */
export interface Computed {
  readonly result: CheckedPatch
  readonly isLasting: boolean
}

/**
 * Caches the result of each patch, keyed by everything that it depends on. An interrupted run over many patches resumes
 * where it stopped.
 */
export class CheckCache {
  readonly #folder: string
  readonly #base: unknown

  /** @param base - the dependencies of all results: code of the workbench, tree, compiler, contracts, budgets. */
  constructor(cacheFolder: string, base: unknown) {
    this.#folder = join(cacheFolder, 'check')
    this.#base = base
  }

  /** Returns the cached result for an input, or computes it. A result that may differ in the next run is not stored. */
  async get(input: unknown, compute: () => Promise<Computed>): Promise<CheckedPatch> {
    const key = createHash('sha256')
      .update(JSON.stringify([this.#base, input]))
      .digest('hex')
    const file = join(this.#folder, `${key}.json`)
    try {
      const known = checkedPatchSchema.parse(JSON.parse(await readFile(file, 'utf8')))
      await markAsUsed(file)
      return known
    } catch {
      // The result is missing or damaged: compute it again.
    }
    const { result, isLasting } = await compute()
    if (isLasting) await writeCacheFile(file, JSON.stringify(result))
    return result
  }
}
