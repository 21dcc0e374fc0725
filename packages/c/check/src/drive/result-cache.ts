// SPDX-License-Identifier: GPL-2.0-only
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { markAsUsed } from '@pfo-workbench/kernel-tree'
import { checkedPatchSchema, type CheckedPatch } from '../report/document.ts'

/**
 * Caches the result of each patch, keyed by everything that it depends on. An interrupted run over many patches resumes
 * where it stopped.
 */
export class ResultCache {
  readonly #folder: string
  readonly #base: unknown

  /** @param base - the dependencies of all results: code of the workbench, tree, compiler, contracts, budgets. */
  constructor(cacheFolder: string, base: unknown) {
    this.#folder = join(cacheFolder, 'check')
    this.#base = base
  }

  /** Returns the cached result for an input, or computes it. */
  async get(input: unknown, compute: () => Promise<CheckedPatch>): Promise<CheckedPatch> {
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
    const result = await compute()
    try {
      await mkdir(dirname(file), { recursive: true })
      const draft = `${file}.${randomUUID()}`
      await writeFile(draft, JSON.stringify(result))
      await rename(draft, file)
    } catch {
      // If the result cannot be written, the next run only takes longer.
    }
    return result
  }
}
