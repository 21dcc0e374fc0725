// SPDX-License-Identifier: GPL-2.0-only
import { applyPatches, type PatchedSources, type PatchStack } from './apply/apply-patches.ts'
import type { FileEdit } from './apply/changes.ts'
import { compileLimits, CompileProcess, type CompileLimits } from './compile/compile-process.ts'
import { VariantError } from './error.ts'
import type { Probe } from './compile/probes.ts'
import { MergeFolder } from './apply/merge-folder.ts'
import { hashFiles, hashOf, readModelSources, type ModelPackage, type ModelSources } from './sources.ts'
import { reasonText } from './text.ts'

/** A stack of patches to build. Without patches it is the baseline. */
export interface VariantSpec {
  readonly id: string
  readonly title: string
  readonly patches: PatchStack
}

/** A line of a file that patches added, changed, or removed something before. */
export interface ChangedLine {
  readonly path: string
  readonly line: number
}

/** The model sources with a stack of patches applied, checked and bundled. */
export interface Variant {
  readonly id: string
  readonly title: string
  /** Ids of the patches, in the order in which they were applied. */
  readonly patches: readonly string[]
  /**
   * `conflict`: a patch does not apply. `invalid`: the result does not compile or does what models may not do. `timeout` and
   * `crashed`: to compile it takes more time or memory than it may, on this machine at this time.
   */
  readonly status: 'ok' | 'conflict' | 'invalid' | 'timeout' | 'crashed'
  /** Why the status is not `ok`; may have several lines, never control characters. */
  readonly reason?: string
  /** Identity: of the sources, or, where there are none, of the baseline and the patches that do not apply to it. */
  readonly hash: string
  /** The changed files, by path, with their text; null for files that are gone. */
  readonly sources: ReadonlyMap<string, string | null>
  readonly changedLines: readonly ChangedLine[]
  /** Where probes stand in the bundle; `hits` of a run are indices into this. */
  readonly probes: readonly Probe[]
  /** Whether something changed that runs whenever the models do and that no probe can watch. */
  readonly exercisedByLoading: boolean
  /** The program for `runInSandbox`, if the status is `ok`. */
  readonly bundle?: string
}

/** What a builder needs. */
export interface VariantBuilderOptions {
  readonly models: readonly ModelPackage[]
  /** Absolute path of the module that plays scenarios: it exports `play(job: string): string` and imports the models. */
  readonly engine: string
  /** What compiling one variant may use; default: plenty for patches that were not made to use it up. */
  readonly limits?: CompileLimits
}

/**
 * How far a build goes: the patches are applied, which gives the variant its hash; then the result is bundled; or it is
 * checked as well, which takes the longest. What was not checked may run, but nobody has said that it compiles.
 */
export type BuildDepth = 'applied' | 'bundled' | 'checked'

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
    engine,
    limits = compileLimits,
  }: VariantBuilderOptions): Promise<VariantBuilder> {
    const sources = await readModelSources(models)
    const compiler = new CompileProcess(sources, engine, limits)
    return new VariantBuilder(sources, compiler)
  }

  /**
   * Builds one variant. Builds asked for at the same time are done in turn.
   *
   * @param depth - a build of less depth than `checked` is `ok` as far as it went
   * @throws VariantError `disposed` or `merge`; whatever is wrong with a patch is the variant's status instead
   */
  async build(spec: VariantSpec, depth: BuildDepth = 'checked'): Promise<Variant> {
    const built = this.#last.then(() => this.#build(spec, depth))
    this.#last = built.catch(() => null)
    return built
  }

  /** Ends the builder when the running build is done, and removes what it has made. */
  async dispose(): Promise<void> {
    this.#disposed = true
    await this.#last
    this.#compiler.stop()
    await this.#folder.dispose()
  }

  /** As `dispose`, at the end of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose()
  }

  async #build(spec: VariantSpec, depth: BuildDepth): Promise<Variant> {
    if (this.#disposed)
      throw new VariantError('disposed', `${spec.id} was not built: the builder was disposed of.`)
    const failed = failure(spec, this.#sources)
    const patched = await applyPatches(spec.patches, this.#sources.files, this.#folder)
    return patched.status === 'ok'
      ? this.#compile(spec, patched, depth)
      : failed(patched.status, patched.reason)
  }

  async #compile(spec: VariantSpec, { changed, edits }: PatchedSources, depth: BuildDepth): Promise<Variant> {
    const files = new Map(this.#sources.files)
    for (const [path, text] of changed) {
      if (text === null) files.delete(path)
      else files.set(path, text)
    }
    const built = {
      ...identity(spec),
      hash: hashFiles(files),
      sources: changed,
      changedLines: changedLines(edits),
    }
    if (depth === 'applied') return { ...built, ...nothing, status: 'ok' }
    const compiled = await this.#compiler.compile({
      changed: [...changed],
      edits,
      types: depth === 'checked',
    })
    if (compiled.status === 'ok') return { ...built, ...compiled }
    const faults = compiled.status === 'invalid' ? quote(compiled.faults) : []
    const reason = reasonText([compiled.what, ...faults].join('\n  '))
    return { ...built, ...nothing, status: compiled.status, reason }
  }
}

/** What is known of a program that there is none of. */
const nothing = { probes: [], exercisedByLoading: false } as const

function identity({ id, title, patches }: VariantSpec): Pick<Variant, 'id' | 'title' | 'patches'> {
  return { id, title, patches: patches.map((patch) => patch.id) }
}

/** Makes variants that got no further than their patches. */
function failure(
  spec: VariantSpec,
  sources: ModelSources,
): (status: 'conflict' | 'invalid', reason: string) => Variant {
  const diffs = spec.patches.flatMap(({ series }) => series.patches.map(({ diff }) => diff))
  return (status, reason) => ({
    ...identity(spec),
    status,
    reason: reasonText(reason),
    hash: hashOf([hashFiles(sources.files), ...diffs]),
    sources: new Map(),
    changedLines: [],
    ...nothing,
  })
}

function quote(faults: readonly string[]): readonly string[] {
  const rest = faults.length - quotedFaults
  return rest > 0 ? [...faults.slice(0, quotedFaults), `and ${String(rest)} more`] : faults
}

function changedLines(edits: readonly FileEdit[]): ChangedLine[] {
  return edits.flatMap(({ path, edits: lines }) =>
    lines.flatMap(({ line, added }) =>
      Array.from({ length: Math.max(1, added) }, (_, i) => ({ path, line: line + i })),
    ),
  )
}

/**
 * Whether a changed line ran.
 *
 * @param variant - what ran
 * @param hits - probes that were hit in any of its runs
 */
export function isExercised(variant: Variant, hits: ReadonlySet<number>): boolean {
  return hits.size > 0 || variant.exercisedByLoading
}
