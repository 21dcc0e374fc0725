// SPDX-License-Identifier: GPL-2.0-only
import { isDeepStrictEqual } from 'node:util'
import type { Clang, CompileJob } from '@pfo-workbench/clang'
import { accessedStructs } from '@pfo-workbench/host'
import { parseModule } from '@pfo-workbench/ir'
import type { ConfiguredTree, FileJob, Placement } from '@pfo-workbench/kbuild'
import { translate, type ObjectFile, type TranslateOptions } from '@pfo-workbench/object'
import { closureOf } from './closure.ts'
import { IncludeSearch, isGenerated } from './include-search.ts'
import { ObjectCache, type HashOf, type KeptObject, type ObjectSource } from './object-cache.ts'
import { objectCodeIdentity } from './code-identities.ts'
import { ownFile, ownSource } from './own-source.ts'
import { filesOf, hashOfText, type TreeFiles } from './tree-files.ts'

/** A file that failed to compile. */
export interface FailedFile {
  readonly file: string
  /** The output of clang, or the reason why it stopped. */
  readonly diagnostics: string
  readonly status: 'invalid' | 'timeout' | 'crashed'
}

/** A compiled file. */
export interface CompiledFile extends KeptObject {
  /** Everything the object depends on, except the texts of its source and headers. */
  readonly source: ObjectSource
}

/** The result of compiling the files of a kernel. */
export interface CompiledKernel {
  /** By path, in the order of the closure. Initcalls of one level run in this order. */
  readonly files: ReadonlyMap<string, CompiledFile>
  readonly failed: readonly FailedFile[]
  /** Files of the closure that the configuration does not build. */
  readonly notBuilt: readonly string[]
}

/** The unpatched kernel. A patched kernel reuses its unchanged objects. */
export interface CompiledBase {
  readonly kernel: CompiledKernel
  /** The files of its tree. */
  readonly files: TreeFiles
}

/** Options of compiling a kernel. */
export interface CompileOptions {
  readonly clang: Clang
  readonly cacheFolder: string
  /** The unpatched kernel of the same tree. */
  readonly base?: CompiledBase
  /** The files of the tree without patches. */
  readonly files?: TreeFiles
  /** Files of the same tree that are known not to compile. They are not compiled again. */
  readonly failed?: readonly FailedFile[]
  /** True if the basic blocks of a file record that they ran. */
  readonly isInstrumented?: (file: string, headers: readonly string[]) => boolean
  /** Files that run in addition to those of the closure. */
  readonly more?: readonly string[]
  /** Files that are compiled only to check for errors. They do not run. */
  readonly checked?: readonly string[]
  /** C code of the caller, appended to the engine's own code and compiled with the kernel's headers. */
  readonly source?: string
  /** Aborts the compiler. */
  readonly signal?: AbortSignal | undefined
  /** Called whenever the compiler runs. */
  readonly onStart?: () => void
  /** Called when a file is done. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Functions whose calls through pointers are events: see the watches of the host package. */
const watchIndirectCalls = ['notifier_call_chain']

/** Objects of a kernel in link order. */
export function objectsOf({ files }: Pick<CompiledKernel, 'files'>): ObjectFile[] {
  return [...files.values()].map(({ object }) => object)
}

/**
 * Compiles the files of a kernel that the engine runs. Takes unchanged objects from the base or from the cache.
 *
 * @throws the abort reason of `options.signal`, if it is aborted
 */
export async function compileKernel(
  configuredTree: ConfiguredTree,
  options: CompileOptions,
): Promise<CompiledKernel> {
  const compiler = new FileCompiler(configuredTree, options)
  const jobs: (() => Promise<CompiledFile | FailedFile>)[] = []
  const notBuilt: string[] = []
  const checked = new Set(options.checked)
  for (const path of new Set([
    ...(await closureOf(configuredTree.tree)),
    ...(options.more ?? []),
    ...checked,
  ])) {
    const placement = await configuredTree.placementOf(path)
    const failed = options.failed?.find(({ file }) => file === path)
    if (failed !== undefined) jobs.push(async () => Promise.resolve(failed))
    else if (placement.status === 'built')
      jobs.push(async () => compiler.compile(await configuredTree.jobOf(path), optionsOf(path, placement)))
    else notBuilt.push(path)
  }
  jobs.push(async () =>
    compiler.compile(await compiler.ownJob(), { file: ownFile, module: null, layouts: 'all' }),
  )
  let done = 0
  const results = await Promise.all(
    jobs.map(async (job) => {
      const result = await job()
      options.onProgress?.(++done, jobs.length)
      return result
    }),
  )
  return {
    files: new Map(
      results.flatMap((one) =>
        isFailed(one) || checked.has(one.object.file) ? [] : [[one.object.file, one]],
      ),
    ),
    failed: results.filter(isFailed),
    notBuilt,
  }
}

/**
 * Compiles files ahead of `compileKernel`, which then finds their objects in the cache. Skips files that the
 * configuration does not build. Does not report other faults, such as a crash of the compiler, which may be the fault
 * of the machine: `compileKernel` tries those files again and reports them. Returns when no compiler is running.
 *
 * @returns the files that are not valid C
 */
export async function compileAhead(
  configuredTree: ConfiguredTree,
  files: readonly string[],
  options: CompileOptions,
): Promise<FailedFile[]> {
  const compiler = new FileCompiler(configuredTree, options)
  const results = await Promise.allSettled(
    files.map(async (path) => {
      const placement = await configuredTree.placementOf(path)
      if (placement.status !== 'built') return null
      return compiler.compile(await configuredTree.jobOf(path), optionsOf(path, placement))
    }),
  )
  return results.flatMap((one) =>
    one.status === 'fulfilled' && one.value !== null && isInvalid(one.value) ? [one.value] : [],
  )
}

const isFailed = (one: CompiledFile | FailedFile): one is FailedFile => 'diagnostics' in one

const isInvalid = (one: CompiledFile | FailedFile): one is FailedFile =>
  isFailed(one) && one.status === 'invalid'

const optionsOf = (
  file: string,
  { isModular, module }: Extract<Placement, { readonly status: 'built' }>,
): TranslateOptions => ({ file, module: isModular ? module : null })

class FileCompiler {
  readonly #configuredTree: ConfiguredTree
  readonly #clang: Clang
  readonly #base: CompiledBase | null
  readonly #isInstrumented: Required<CompileOptions>['isInstrumented']
  readonly #source: string
  readonly #signal: AbortSignal | undefined
  readonly #onStart: Pick<CompileJob, 'onStart'>
  readonly #cache: ObjectCache
  readonly #files: TreeFiles
  readonly #search: IncludeSearch

  constructor(
    configuredTree: ConfiguredTree,
    {
      clang,
      cacheFolder,
      base,
      files,
      signal,
      onStart,
      source = '',
      isInstrumented = () => false,
    }: CompileOptions,
  ) {
    this.#configuredTree = configuredTree
    this.#clang = clang
    this.#base = base ?? null
    this.#source = source
    this.#signal = signal
    this.#onStart = onStart === undefined ? {} : { onStart }
    this.#isInstrumented = isInstrumented
    this.#cache = new ObjectCache(cacheFolder)
    this.#files = filesOf(configuredTree.tree, base?.files ?? files)
    this.#search = new IncludeSearch(this.#files)
  }

  /** Our own file is overlaid on the tree like any other text. */
  async ownJob(): Promise<FileJob> {
    const job = await this.#configuredTree.jobOf(ownFile)
    return { ...job, texts: new Map([...job.texts, [ownFile, ownSource() + this.#source]]) }
  }

  async compile(job: FileJob, options: TranslateOptions): Promise<CompiledFile | FailedFile> {
    const { file } = job
    const known = this.#base?.kernel.files.get(file)
    const { texts, id } = this.#configuredTree.tree
    const hidersOf = async (headers: readonly string[]): Promise<readonly string[]> =>
      this.#search.hidersOf(headers, job.flags)
    const { headers, hiders: before } = known ?? { headers: [], hiders: [] }
    const hiders = (await this.#files.haveNew()) ? await hidersOf(headers) : before
    const coverage = this.#isInstrumented(file, [...headers, ...hiders])
    const asked: TranslateOptions = { layouts: accessedStructs, ...options, coverage, watchIndirectCalls }
    const context = [
      objectCodeIdentity(),
      this.#clang.compiler.versionText,
      this.#configuredTree.headersId,
      asked,
    ]
    const source: ObjectSource = { file, flags: job.flags, context }
    if (known !== undefined && this.#isSame(known, source, hiders)) return known
    const hashOf: HashOf = async (path) => {
      // The names of generated headers already contain their hash.
      if (isGenerated(path)) return ''
      const over = job.texts.get(path)
      if (over === undefined) return this.#files.hashOf(path)
      return over === null ? null : hashOfText(over)
    }
    const state = { id: texts.size === 0 ? id : null, hashOf, hidersOf }
    const kept = await this.#cache.find(source, state)
    if (kept !== null) return { ...kept, source }
    const compiled = await this.#clang.compile({ ...job, ...this.#onStart, warnings: false }, this.#signal)
    if (compiled.status === 'invalid') {
      return { file, status: compiled.status, diagnostics: compiled.diagnostics }
    }
    if (compiled.status !== 'ok') return { file, status: compiled.status, diagnostics: compiled.reason }
    const object = translate(parseModule(compiled.ir), asked)
    const made = { object, headers: compiled.headers, hiders: await hidersOf(compiled.headers) }
    await this.#cache.keep(source, made, state)
    return { ...made, source }
  }

  /** True if an object of the base is up to date: its texts are unchanged, and no new file hides one of its headers. */
  #isSame(known: CompiledFile, source: ObjectSource, hiders: readonly string[]): boolean {
    const { texts } = this.#configuredTree.tree
    return (
      !texts.has(source.file) &&
      !known.headers.some((path) => texts.has(path)) &&
      isDeepStrictEqual([known.source, known.hiders], [source, hiders])
    )
  }
}
