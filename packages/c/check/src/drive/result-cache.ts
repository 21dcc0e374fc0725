// SPDX-License-Identifier: GPL-2.0-only
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkedPatchSchema, type CheckedPatch } from '../report/document.ts'

/** Changes with every change of the wording and of the document, so that older results are not used. */
const format = 2

/**
 * Keeps the result of each patch by the content of all that it follows from. A run over many patches that was
 * interrupted goes on where it was.
 */
export class ResultCache {
  readonly #folder: string
  readonly #base: () => Promise<unknown>

  /** @param base - what all results follow from: tree, compiler, rules, contracts, budgets. */
  constructor(cacheFolder: string, base: () => Promise<unknown>) {
    this.#folder = join(cacheFolder, 'check')
    this.#base = base
  }

  /** The result that is kept for an input, or a new one. */
  async get(input: unknown, compute: () => Promise<CheckedPatch>): Promise<CheckedPatch> {
    const key = createHash('sha256')
      .update(JSON.stringify([format, await this.#base(), input]))
      .digest('hex')
    const file = join(this.#folder, `${key}.json`)
    try {
      return checkedPatchSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    } catch {
      // There is none, or it was damaged: it is made anew.
    }
    const result = await compute()
    try {
      await mkdir(dirname(file), { recursive: true })
      const draft = `${file}.${randomUUID()}`
      await writeFile(draft, JSON.stringify(result))
      await rename(draft, file)
    } catch {
      // Without room for it the next run takes longer.
    }
    return result
  }
}
