// SPDX-License-Identifier: GPL-2.0-only
import type { PatchSeries } from '@pfo-workbench/patch'
import type { BuildDepth, Stack, Variant } from '@pfo-workbench/run'
import {
  applyPatches,
  hashFiles,
  hashOf,
  MergeFolder,
  reasonText,
  VariantError,
  type ApplyFault,
  type InstalledPackage,
  type PatchedSources,
} from '@pfo-workbench/variant'
import { compileLimits, CompileProcess, type CompileLimits } from './compile/compile-process.ts'
import { functionsAround } from './changed-functions.ts'
import { readModelSources, type ModelSources } from './sources.ts'

/** The model sources with a stack of patches applied, checked and bundled. */
export interface ModelVariant extends Variant {
  readonly id: string
  readonly title: string
  /** Ids of the patches, in the order in which they were applied. */
  readonly patches: readonly string[]
  /** The changed files, by path, with their text; null for files that are gone. */
  readonly sources: ReadonlyMap<string, string | null>
}

/** What a builder needs. */
export interface VariantBuilderOptions {
  readonly models: readonly InstalledPackage[]
  /** Text of the module that the bundle begins with: it exports `play(job: string): string`. It imports by absolute path. */
  readonly entry: string
  /** What compiling one variant may use; default: plenty for patches that were not made to use it up. */
  readonly limits?: CompileLimits
}

/** How many compiler messages a reason quotes. */
const quotedFaults = 5

/** Builds variants of the model sources, one after the other. */
export class VariantBuilder implements AsyncDisposable {
  readonly #sources: ModelSources
  readonly #folder = new MergeFolder()
  readonly #compiler: CompileProcess
  /** The end of the last build: there is one compiler. */
  #last: Promise<unknown> = Promise.resolve()
  #disposed = false

  private constructor(sources: ModelSources, compiler: CompileProcess) {
    this.#sources = sources
    this.#compiler = compiler
  }

  /**
   * Reads the model sources. Dispose of the builder to end its compiler and to remove what it has made.
   *
   * @throws VariantError `sources`
   */
  static async create({
    models,
    entry,
    limits = compileLimits,
  }: VariantBuilderOptions): Promise<VariantBuilder> {
    const sources = await readModelSources(models)
    const compiler = new CompileProcess(sources, entry, limits)
    return new VariantBuilder(sources, compiler)
  }

  /**
   * Builds one variant. Builds asked for at the same time are done in turn.
   *
   * @param depth - a build of less depth than `checked` is `ok` as far as it went
   * @param signal - ends the build
   * @throws VariantError `disposed`, `merge` or `temporary`; whatever is wrong with a patch is the variant's status instead
   * @throws the signal's reason when that is raised
   */
  async build(
    spec: Stack<PatchSeries>,
    depth: BuildDepth = 'checked',
    signal?: AbortSignal,
  ): Promise<ModelVariant> {
    const built = this.#last.then(() => this.#build(spec, depth, signal))
    this.#last = built.catch(() => null)
    return built
  }

  /** Ends the compiler when the running build is done; the next build starts it again. */
  async rest(): Promise<void> {
    const rested = this.#last.then(() => this.#compiler.stop())
    this.#last = rested
    await rested
  }

  /** Ends the builder when the running build is done, and removes what it has made. */
  async dispose(): Promise<void> {
    this.#disposed = true
    await this.#last
    await this.#compiler.stop()
    await this.#folder.dispose()
  }

  /** As `dispose`, at the end of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose()
  }

  async #build(spec: Stack<PatchSeries>, depth: BuildDepth, signal?: AbortSignal): Promise<ModelVariant> {
    signal?.throwIfAborted()
    if (this.#disposed)
      throw new VariantError('disposed', `${spec.id} was not built: the builder was disposed of.`)
    const applied = await applyPatches(spec, this.#sources.files, this.#folder)
    if (applied.status !== 'ok') return failure(spec, this.#sources, applied)
    return this.#compile(spec, applied, depth, signal)
  }

  async #compile(
    spec: Stack<PatchSeries>,
    { changed }: PatchedSources,
    depth: BuildDepth,
    signal: AbortSignal | undefined,
  ): Promise<ModelVariant> {
    const files = new Map(this.#sources.files)
    for (const [path, text] of changed) {
      if (text === null) files.delete(path)
      else files.set(path, text)
    }
    const built = {
      ...identity(spec),
      hash: hashFiles(files),
      sources: changed,
    }
    if (depth === 'applied') return { ...built, ...nothing, status: 'ok' }
    const compiled = await this.#compiler.compile(
      { changed: [...changed], types: depth === 'checked' },
      signal,
    )
    if (compiled.status === 'ok')
      return { ...built, ...compiled, changedFunctions: changedFunctions(compiled, changed) }
    const faults = compiled.status === 'invalid' ? quote(compiled.faults) : []
    const reason = reasonText([compiled.what, ...faults].join('\n  '))
    return { ...built, ...nothing, status: compiled.status, reason }
  }
}

/** What is known of a program that there is none of. */
const nothing = { statements: [], changedFunctions: [] } as const

function identity({
  id,
  title,
  patches,
}: Stack<PatchSeries>): Pick<ModelVariant, 'id' | 'title' | 'patches'> {
  return { id, title, patches: patches.map((patch) => patch.id) }
}

/** A variant that got no further than its patches. */
function failure(
  spec: Stack<PatchSeries>,
  sources: ModelSources,
  { status, reason }: ApplyFault,
): ModelVariant {
  const diffs = spec.patches.flatMap(({ series }) => series.patches.map(({ diff }) => diff))
  return {
    ...identity(spec),
    status,
    reason: reasonText(reason),
    hash: hashOf([hashFiles(sources.files), ...diffs]),
    sources: new Map(),
    ...nothing,
  }
}

function quote(faults: readonly string[]): readonly string[] {
  const rest = faults.length - quotedFaults
  return rest > 0 ? [...faults.slice(0, quotedFaults), `and ${String(rest)} more`] : faults
}

/** The functions around changed statements. What runs when a file is loaded stands in none. */
function changedFunctions(
  { statements }: Pick<ModelVariant, 'statements'>,
  changed: PatchedSources['changed'],
): (string | null)[] {
  return [...new Set(statements.flatMap(({ file, line }) => functionsAround(changed.get(file) ?? '', line)))]
}
