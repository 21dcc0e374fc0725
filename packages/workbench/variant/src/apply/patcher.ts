// SPDX-License-Identifier: GPL-2.0-only
import type { Patch, PathRules, PatchSeries } from '@pfo-workbench/patch'
import type { Stack } from '@pfo-workbench/run'
import { VariantError } from '../error.ts'
import type { SourceFiles } from '../hash.ts'
import type { FileEdit } from './changes.ts'
import { explainConflict } from './conflict.ts'
import { ScratchRepository } from './scratch.ts'
import { Spellings } from './spellings.ts'

/** What applying a stack of patches came to. */
export type Applied =
  | {
      readonly status: 'ok'
      /** Changed files with their new text; null for files that are gone. */
      readonly changed: ReadonlyMap<string, string | null>
      readonly edits: readonly FileEdit[]
    }
  | { readonly status: 'conflict' | 'invalid'; readonly reason: string }

type Fault = Exclude<Applied, { readonly status: 'ok' }>

/** Applies stacks of patches to the same sources, one after the other, in a scratch repository of its own. */
export class Patcher implements AsyncDisposable {
  readonly #files: SourceFiles
  readonly #scratch: ScratchRepository
  /** The end of the last stack: there is one work tree. */
  #last: Promise<unknown> = Promise.resolve()
  #disposed = false

  private constructor(files: SourceFiles, scratch: ScratchRepository) {
    this.#files = files
    this.#scratch = scratch
  }

  /**
   * Makes the scratch repository. Dispose of the patcher to remove it.
   *
   * @param files - the sources without a patch
   * @param rules - which paths a patch may touch
   * @throws VariantError `scratch`
   */
  static async create(files: SourceFiles, rules: PathRules): Promise<Patcher> {
    return new Patcher(files, await ScratchRepository.create(files, rules))
  }

  /**
   * Applies a stack. Stacks that are given at the same time are applied in turn.
   *
   * @throws VariantError `disposed`; whatever is wrong with a patch is the status
   */
  async apply(stack: Stack<PatchSeries>): Promise<Applied> {
    const applied = this.#last.then(() => this.#apply(stack))
    this.#last = applied.catch(() => null)
    return applied
  }

  /** Removes the scratch repository when the stack that is being applied is done. */
  async dispose(): Promise<void> {
    this.#disposed = true
    await this.#last
    await this.#scratch.dispose()
  }

  /** As `dispose`, at the end of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose()
  }

  async #apply(stack: Stack<PatchSeries>): Promise<Applied> {
    if (this.#disposed)
      throw new VariantError('disposed', `${stack.id} was not built: the builder was disposed of.`)
    const fault = await this.#applyAll(stack)
    if (fault !== null) return fault
    if (stack.patches.length === 0) return { status: 'ok', changed: new Map(), edits: [] }
    const outcome = await this.#scratch.outcome()
    if (typeof outcome === 'string') return { status: 'invalid', reason: outcome }
    return { status: 'ok', ...outcome }
  }

  async #applyAll({ patches }: Stack<PatchSeries>): Promise<Fault | null> {
    const all = patches.flatMap(({ series }) => series.patches)
    if (all.length === 0) return null
    await this.#scratch.reset()
    // To start git takes longer than to apply a patch. Only if one fails they are applied one by one, to tell which.
    const names = this.#spellings()
    const areNamed = all.every(({ files }) => names.faultOf(files) === null)
    if (areNamed && (await this.#scratch.apply(all)).applied) return null
    await this.#scratch.reset()
    const spellings = this.#spellings()
    for (const { id, series } of patches) {
      for (const patch of series.patches) {
        const fault = spellings.faultOf(patch.files) ?? (await this.#applyOne(patch, series.source))
        if (fault !== null) return { ...fault, reason: `patch ${id} ('${patch.subject}'): ${fault.reason}` }
      }
    }
    return null
  }

  #spellings(): Spellings {
    return new Spellings(this.#files.keys())
  }

  async #applyOne(patch: Patch, source: string): Promise<Fault | null> {
    // What is there now is looked at only if the patch fails, and git am then leaves it as it was.
    const result = await this.#scratch.apply([patch])
    if (result.applied) return null
    const explained = await explainConflict(patch.files, source, (path) => this.#scratch.read(path))
    if (explained !== null) return { status: 'conflict', reason: explained }
    const conflict =
      /patch does not apply|CONFLICT|patch failed|already exists|does not exist|does not match/.test(
        result.words,
      )
    return { status: conflict ? 'conflict' : 'invalid', reason: `git am: ${result.words}` }
  }
}
