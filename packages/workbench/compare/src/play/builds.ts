// SPDX-License-Identifier: GPL-2.0-only
import { fileURLToPath } from 'node:url'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { BuildDepth, ChangedStatement, Engine, Variant } from '@pfo-workbench/run'
import { hashOf } from '@pfo-workbench/code'
import type { ResultCache } from './cache.ts'
import type { Stack } from '../stacks.ts'

/** Result of applying, checking and bundling a stack of patches. */
export interface Build {
  readonly status: Variant['status']
  readonly reason: string | null
  /** Identity of the patched sources. */
  readonly hash: string
  /** The changed statements. */
  readonly statements: readonly ChangedStatement[]
  /** The kernel functions with changed statements; null for changed code that appears in no call chain. */
  readonly changedFunctions: readonly (string | null)[]
}

/** A build, with its program if it is in memory. */
export interface BuiltStack extends Build {
  readonly program: string | null
}

/** Source of the module that plays scenarios and examines the runs. Engines build it into their programs. */
const player: string = fileURLToPath(new URL('../../src/play/program.ts', import.meta.url))

const depths: readonly BuildDepth[] = ['applied', 'bundled', 'checked']

/** Builds variants, unless the cache has the build. */
export class Builds {
  readonly #engine: Engine<PatchSeries>
  readonly #cache: ResultCache | null
  readonly #signal: AbortSignal | undefined
  /** Programs that are not in the cache yet, by key. */
  readonly #unkept = new Map<string, string>()
  #isLasting = true

  constructor(engine: Engine<PatchSeries>, cache: ResultCache | null, signal?: AbortSignal) {
    this.#engine = engine
    this.#cache = cache
    this.#signal = signal
  }

  /** False if a build timed out or crashed. Another machine may have more time and memory. */
  get isLasting(): boolean {
    return this.#isLasting
  }

  /** Build errors name patches, files and lines of mails, so the key includes all that was read from the patches. */
  #keyOf({ patches }: Pick<Stack, 'patches'>): string {
    return hashOf([JSON.stringify(patches)])
  }

  async #build(stack: Stack, depth: BuildDepth): Promise<Variant> {
    return this.#engine.build(stack, { depth, playModule: player, signal: this.#signal })
  }

  /** Builds a stack. @throws VariantError if nothing can be built; a fault of a patch becomes the status */
  async build(stack: Stack, depth: BuildDepth): Promise<BuiltStack> {
    const key = this.#keyOf(stack)
    // A cached build that went further than requested will do.
    for (const known of depths.slice(depths.indexOf(depth))) {
      const build = (await this.#cache?.get(`build ${known}`, key)) as Build | null | undefined
      if (build != null) return { ...build, program: null }
    }
    const variant = await this.#build(stack, depth)
    const { status, reason = null, hash, statements, changedFunctions, bundle = null } = variant
    const build: Build = { status, reason, hash, statements, changedFunctions }
    if (bundle !== null && this.#cache !== null) this.#unkept.set(key, bundle)
    if (status === 'timeout' || status === 'crashed') this.#isLasting = false
    else await this.#cache?.put(`build ${depth}`, key, build)
    return { ...build, program: bundle }
  }

  /**
   * Stores the program of a stack in the cache, if `build` made it. Writing the megabytes takes time, so call this when
   * no run waits to start.
   */
  async keepProgram({ patches }: Pick<Stack, 'patches'>): Promise<void> {
    const key = this.#keyOf({ patches })
    const program = this.#unkept.get(key)
    if (program === undefined) return
    this.#unkept.delete(key)
    await this.#cache?.put('program', key, program)
  }

  /** The program of a stack that was built beyond `applied`. */
  async program(stack: Stack, built: BuiltStack): Promise<string> {
    if (built.program !== null) return built.program
    await this.keepProgram(stack)
    const key = this.#keyOf(stack)
    const known = await this.#cache?.get('program', key)
    if (typeof known === 'string') return known
    const { bundle = '' } = await this.#build(stack, 'bundled')
    await this.#cache?.put('program', key, bundle)
    return bundle
  }
}
