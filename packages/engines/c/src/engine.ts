// SPDX-License-Identifier: GPL-2.0-only
import { isDeepStrictEqual } from 'node:util'
import type { Clang } from '@pfo-workbench/clang'
import { wholeKernelProfile, type ConfigurationRequest } from '@pfo-workbench/kbuild'
import { isAtLeast, KernelTreeError, type KernelTree } from '@pfo-workbench/kernel-tree'
import { kernelPaths, parseSeries, PatchError, type PatchSeries } from '@pfo-workbench/patch'
import type { BuildOptions, Engine, Scenario, Stack, Variant } from '@pfo-workbench/run'
import { hashOf } from '@pfo-workbench/code'
import { MergeFolder, reasonText, VariantError } from '@pfo-workbench/variant'
import { engineCodeIdentity } from './build/code-identities.ts'
import { objectsOf } from './build/compile-kernel.ts'
import {
  makeUnpatchedKernel,
  type UnpatchedKernel,
  type BuildProgress,
  type KernelBuildOptions,
} from './build/kernel.ts'
import { linkKernel } from './build/link-kernel.ts'
import { TreeFiles } from './build/tree-files.ts'
import { functionsOf } from './exercise/changed-functions.ts'
import { applyToKernel, type PatchedKernel } from './patch/apply.ts'
import { buildVariant } from './patch/build-variant.ts'
import { beginBuild, type EarlyBuild } from './patch/early-build.ts'
import { earlierPatchesHint } from './patch/earlier-patches.ts'
import { bundleOf, programCode } from './program/bundle.ts'
import { portProposal, type PortedProposal } from './port/port.ts'
import { refusalOf } from './refusal.ts'

/** Options of an engine. The engine does not dispose of the tree and the compiler: its creator must. */
export interface CEngineOptions {
  readonly tree: KernelTree
  readonly clang: Clang
  /** Cache folder for objects, configurations and generated headers. */
  readonly cacheFolder: string
  /** Default: the minimum that the scenarios need, little-endian. */
  readonly request?: ConfigurationRequest
  /** True to revert patches that the tree already contains, instead of applying them. */
  readonly revert?: boolean
  /** Aborts the compiler while the unpatched kernel is built. */
  readonly signal?: AbortSignal | undefined
  /** Reports the progress of building the unpatched kernel. */
  readonly onProgress?: BuildProgress
  /** The stack that will be built first. Its files are compiled while the unpatched kernel is read from the cache. */
  readonly first?: Stack<PatchSeries> | undefined
}

/** The early build of the first stack, and the folder that it merges in. Both start before the engine exists. */
interface Begun {
  readonly folder: MergeFolder
  readonly early: EarlyBuild | null
}

const clangText = (version: number): string =>
  `clang ${String(Math.floor(version / 10_000))}.${String(Math.floor(version / 100) % 100)}.${String(version % 100)}`

/** A kernel tree of the user as an engine. Patches change its C code, which runs as WebAssembly. */
export class CEngine implements Engine<PatchSeries> {
  readonly id = 'c'
  readonly kernel: string
  readonly unpatched: string
  readonly paths: string = kernelPaths.inWords
  readonly realm = 'wasm'
  readonly origin: string
  /** The compiler, with its version. */
  readonly compiler: string
  /** The configuration in one line. */
  readonly configuration: string
  readonly #tree: KernelTree
  readonly #unpatched: UnpatchedKernel
  readonly #makings: KernelBuildOptions
  readonly #revert: boolean
  readonly #folder: MergeFolder
  readonly #early: EarlyBuild | null
  /** Code of programs, by play module. */
  readonly #code = new Map<string, Promise<string>>()
  /** Settles when the last build ends. */
  #last: Promise<unknown> = Promise.resolve()
  #disposed = false

  private constructor(
    unpatched: UnpatchedKernel,
    makings: KernelBuildOptions,
    { tree, revert = false }: CEngineOptions,
    { folder, early }: Begun,
  ) {
    this.#folder = folder
    this.#early = early
    const { configuration } = unpatched
    this.#tree = tree
    this.#unpatched = unpatched
    this.#makings = makings
    this.#revert = revert
    this.kernel = tree.title
    this.unpatched = `Linux ${tree.title}, unpatched`
    this.compiler = clangText(makings.clang.compiler.version)
    const forced = configuration.forced.map((name) => `, CONFIG_${name} forced`)
    this.configuration = `${configuration.architecture}, ${String(configuration.values.size)} symbols set${forced.join('')}`
    this.origin = hashOf([
      engineCodeIdentity(),
      tree.id,
      tree.title,
      makings.clang.compiler.versionText,
      configuration.text,
      ...configuration.forced,
      String(revert),
    ])
  }

  /**
   * Builds the unpatched kernel, reusing cached objects.
   *
   * @throws KernelBuildError if one of its files does not compile; KbuildError, ClangError if nothing can be compiled;
   * the abort reason of `options.signal`, if it is aborted
   */
  static async create(options: CEngineOptions): Promise<CEngine> {
    const {
      tree,
      clang,
      cacheFolder,
      request = wholeKernelProfile('powerpc64le'),
      onProgress,
      signal,
    } = options
    const makings = { clang, cacheFolder, request }
    const files = new TreeFiles(tree)
    const folder = new MergeFolder()
    const { first, revert = false } = options
    const early =
      first === undefined
        ? null
        : await beginBuild(tree, first, { ...makings, revert, folder, files, signal })
    try {
      const progress = onProgress === undefined ? {} : { onProgress }
      const unpatched = await makeUnpatchedKernel(tree, { ...makings, signal, ...progress }, files)
      return new CEngine(unpatched, makings, options, { folder, early })
    } catch (fault) {
      await early?.ended
      await folder.dispose()
      throw fault
    }
  }

  readPatch(input: string | Uint8Array, source: string): PatchSeries {
    return parseSeries(input, { source, paths: kernelPaths })
  }

  /** @throws VariantError when nothing can be built, or after the engine was disposed */
  async build(stack: Stack<PatchSeries>, options: BuildOptions): Promise<Variant> {
    const built = this.#last.then(async () => this.#build(stack, options))
    this.#last = built.catch(() => null)
    return built
  }

  /** A shipped proposal as a patch for this tree; null if it has no C version. */
  async proposal(id: string): Promise<PortedProposal | null> {
    return portProposal(id, this.#tree)
  }

  refuses(scenario: Scenario): string | null {
    return refusalOf(scenario, this.#unpatched.configuration, isAtLeast(this.#tree.version, [5, 5]))
  }

  /** Disposes of the engine after the running build. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    await this.#last
    await this.#early?.ended
    await this.#folder.dispose()
  }

  async #build(stack: Stack<PatchSeries>, { depth, playModule, signal }: BuildOptions): Promise<Variant> {
    if (this.#disposed)
      throw new VariantError('disposed', `${stack.id} was not built: the engine was disposed of.`)
    signal?.throwIfAborted()
    const applied = await this.#apply(stack)
    if (applied.status !== 'ok') {
      const diffs = stack.patches.flatMap(({ series }) => series.patches.map(({ diff }) => diff))
      return this.#failed(stack, applied, hashOf([this.origin, ...diffs]))
    }
    const changed = [...applied.changed].sort(([a], [b]) => (a < b ? -1 : 1))
    const hash = hashOf([this.origin, ...changed.flatMap(([path, text]) => [path, text ?? '\0'])])
    const built = { hash, statements: [], changedFunctions: [] }
    if (depth === 'applied') return { ...built, status: 'ok' }
    const code = await this.#codeOf(playModule)
    const release = applied.tree.version
    if (applied.changed.size === 0) {
      // Linked only here: usually the cache has all results of the unpatched kernel.
      const image = linkKernel(objectsOf(this.#unpatched.kernel))
      const bundle = bundleOf(code, { image, release, statements: [], always: [] })
      return { ...built, status: 'ok', bundle }
    }
    await this.#early?.ended
    const early = isDeepStrictEqual(this.#early?.changed, applied.changed) ? this.#early : null
    const kernel = await buildVariant(applied, this.#unpatched, { ...this.#makings, signal }, early)
    if (kernel.status !== 'ok') return this.#failed(stack, kernel, hash)
    const { statements, ofCoveragePoint, always } = kernel.coverage
    const bundle = bundleOf(code, { image: kernel.image, release, statements: ofCoveragePoint, always })
    const changedFunctions = functionsOf(statements, applied.changed)
    return { ...built, status: 'ok', statements, changedFunctions, bundle }
  }

  async #apply(
    stack: Stack<PatchSeries>,
  ): Promise<PatchedKernel | { readonly status: 'conflict' | 'invalid'; readonly reason: string }> {
    try {
      return await applyToKernel(this.#tree, stack, { revert: this.#revert, folder: this.#folder })
    } catch (fault) {
      const isVersionless =
        fault instanceof KernelTreeError && ['not-a-kernel', 'too-old'].includes(fault.code)
      if (fault instanceof PatchError || isVersionless) return { status: 'invalid', reason: fault.message }
      throw fault
    }
  }

  #failed(
    stack: Stack<PatchSeries>,
    { status, reason }: { readonly status: Exclude<Variant['status'], 'ok'>; readonly reason: string },
    hash: string,
  ): Variant {
    const hint = this.#revert ? null : earlierPatchesHint(stack)
    const text = reasonText(hint === null ? reason : `${reason}\n${hint}`)
    return { status, reason: text, hash, statements: [], changedFunctions: [] }
  }

  async #codeOf(playModule: string): Promise<string> {
    let code = this.#code.get(playModule)
    if (code === undefined) {
      code = programCode(playModule, this.#makings.cacheFolder)
      this.#code.set(playModule, code)
    }
    return code
  }
}
