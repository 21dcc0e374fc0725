// SPDX-License-Identifier: GPL-2.0-only
import type { PatchSeries } from '@pfo-workbench/patch'
import type { BuildDepth, ChangedStatement, Stack, Variant } from '@pfo-workbench/run'
import { hashOf } from '@pfo-workbench/code'
import {
  applyPatches,
  hashFiles,
  MergeFolder,
  reasonText,
  VariantError,
  type ApplyFault,
  type InstalledPackage,
  type PatchedSources,
} from '@pfo-workbench/variant'
import { compileLimits, CompileProcess, type CompileLimits } from './compile/compile-process.ts'
import { addedInitcalls } from './added-initcalls.ts'
import { functionsAround } from './changed-functions.ts'
import { readModelSources, type ModelSources } from './sources.ts'

/** The model sources after a stack of patches was applied, type-checked and bundled. */
export interface ModelVariant extends Variant {
  readonly id: string
  readonly title: string
  /** Ids of the patches, in the order in which they were applied. */
  readonly patches: readonly string[]
  /** Changed files by path, with their text; null for deleted files. */
  readonly sources: ReadonlyMap<string, string | null>
}

/** Options of a builder. */
export interface VariantBuilderOptions {
  readonly models: readonly InstalledPackage[]
  /** Source of the entry module of the bundle. It exports `play(job: string): string` and imports by absolute path. */
  readonly entry: string
  /** Limits for compiling one variant. The defaults suffice for any patch that was not written to exceed them. */
  readonly limits?: CompileLimits
}

/** Maximum number of compiler messages in a reason. */
const quotedFaults = 5

/** Builds variants of the model sources, one at a time. */
export class VariantBuilder implements AsyncDisposable {
  readonly #sources: ModelSources
  readonly #folder = new MergeFolder()
  readonly #compiler: CompileProcess
  /** Settles when the last queued build has ended. All builds share one compiler. */
  #last: Promise<unknown> = Promise.resolve()
  #disposed = false

  private constructor(sources: ModelSources, compiler: CompileProcess) {
    this.#sources = sources
    this.#compiler = compiler
  }

  /**
   * Reads the model sources. Dispose of the builder to stop its compiler and to remove its temporary files.
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
   * Builds one variant. Concurrent requests are processed one after the other.
   *
   * @param depth - depth of the build. A build that is not `checked` is `ok` if the steps up to this depth succeed.
   * @param signal - aborts the build
   * @throws VariantError `disposed` or `merge`; TemporaryFolderError. Faults of a patch are reported as the variant's
   * status.
   * @throws the signal's reason if the signal is aborted
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

  /** Stops the compiler after the running build. The next build starts it again. */
  async rest(): Promise<void> {
    const rested = this.#last.then(() => this.#compiler.stop())
    this.#last = rested
    await rested
  }

  /** Stops the builder after the running build, and removes its temporary files. */
  async dispose(): Promise<void> {
    this.#disposed = true
    await this.#last
    await this.#compiler.stop()
    await this.#folder.dispose()
  }

  /** Same as `dispose`, for `await using`. */
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
      return {
        ...built,
        ...compiled,
        changedFunctions: functionsOf(compiled.statements, this.#sources.files, changed),
      }
    const faults = compiled.status === 'invalid' ? quote(compiled.faults) : []
    const reason = reasonText([compiled.what, ...faults].join('\n  '))
    return { ...built, ...nothing, status: compiled.status, reason }
  }
}

/** Fields of a variant that has no program. */
const nothing = { statements: [], changedFunctions: [] } as const

function identity({
  id,
  title,
  patches,
}: Stack<PatchSeries>): Pick<ModelVariant, 'id' | 'title' | 'patches'> {
  return { id, title, patches: patches.map((patch) => patch.id) }
}

/** Result for a stack whose patches do not apply. */
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

/**
 * Kernel functions that contain changed statements. Null stands for code outside of functions, which runs when a file
 * is loaded. For a subsystem to which a patch only adds initcalls, the result has the functions of these initcalls.
 */
function functionsOf(
  statements: ModelVariant['statements'],
  files: ModelSources['files'],
  changed: PatchedSources['changed'],
): (string | null)[] {
  const around = ({ file, line, removed }: ChangedStatement): readonly (string | null)[] => {
    const text = changed.get(file) ?? ''
    const initcalls = removed === true ? null : addedInitcalls(files.get(file), text, line, changed.values())
    return initcalls ?? functionsAround(text, line)
  }
  return [...new Set(statements.flatMap(around))]
}
