// SPDX-License-Identifier: GPL-2.0-only
import { hashOf, VariantBuilder, type BuildDepth, type Variant } from '@pfo-workbench/variant'
import type { ResultCache } from './cache.ts'
import { engineModule, modelPackages } from './models.ts'
import type { Stack } from '../stacks.ts'

/** What became of applying, checking and bundling a stack of patches. */
export interface Build {
  readonly status: Variant['status']
  readonly reason: string | null
  /** Identity of the patched sources. */
  readonly hash: string
  /** Whether something changed that runs in any case, and that no probe can watch. */
  readonly exercisedByLoading: boolean
}

/** A build, and its program if that is at hand. */
export interface BuiltStack extends Build {
  readonly program: string | null
}

const depths: readonly BuildDepth[] = ['applied', 'bundled', 'checked']

/** Builds variants that were not built before. */
export class Builds {
  readonly #models: string
  readonly #cache: ResultCache | null
  #builder: Promise<VariantBuilder> | null = null

  /** @param models - identity of the unpatched sources */
  constructor(models: string, cache: ResultCache | null) {
    this.#models = models
    this.#cache = cache
  }

  /** A reason names patches and their files, so these are part of the key. */
  #keyOf({ patches }: Stack): string {
    const mails = patches.flatMap(({ id, series }) => [
      id,
      series.source,
      ...series.patches.flatMap(({ subject, diff }) => [subject, diff]),
    ])
    return hashOf([this.#models, ...mails])
  }

  async #build(stack: Stack, depth: BuildDepth): Promise<Variant> {
    this.#builder ??= VariantBuilder.create({ models: modelPackages(), engine: engineModule })
    return (await this.#builder).build(stack, depth)
  }

  /** @throws VariantError when nothing can be built; what is wrong with a patch is the status */
  async build(stack: Stack, depth: BuildDepth): Promise<BuiltStack> {
    const key = this.#keyOf(stack)
    // Whoever wants less is content with more.
    for (const known of depths.slice(depths.indexOf(depth))) {
      const build = (await this.#cache?.get(`build ${known}`, key)) as Build | null | undefined
      if (build != null) return { ...build, program: null }
    }
    const { status, reason = null, hash, exercisedByLoading, bundle = null } = await this.#build(stack, depth)
    const build: Build = { status, reason, hash, exercisedByLoading }
    if (bundle !== null) await this.#cache?.put('program', key, bundle)
    // Another machine may have the time and the memory.
    const lasting = status !== 'timeout' && status !== 'crashed'
    if (lasting) await this.#cache?.put(`build ${depth}`, key, build)
    return { ...build, program: bundle }
  }

  /** The program of a stack that was built further than applied. */
  async program(stack: Stack, built: BuiltStack): Promise<string> {
    if (built.program !== null) return built.program
    const known = await this.#cache?.get('program', this.#keyOf(stack))
    return typeof known === 'string' ? known : ((await this.#build(stack, 'bundled')).bundle ?? '')
  }

  async dispose(): Promise<void> {
    // Who waits for a builder that could not be made has been told.
    const builder = await this.#builder?.catch(() => null)
    await builder?.dispose()
  }
}
