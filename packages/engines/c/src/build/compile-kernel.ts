// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import type { Clang, CompileJob } from '@pfo-workbench/clang'
import { accessedStructs } from '@pfo-workbench/host'
import { parseModule } from '@pfo-workbench/ir'
import type { ConfiguredTree, FileJob, Placement } from '@pfo-workbench/kbuild'
import { translate, type ObjectFile, type TranslateOptions } from '@pfo-workbench/object'
import { closureOf } from './closure.ts'
import { ObjectCache, type HashOf, type KeptObject, type ObjectSource } from './object-cache.ts'
import { objectCodeIdentity } from './code-identities.ts'
import { ownFile, ownSource } from './own-source.ts'

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
  /** Known hashes of the files of its tree. Grows as further files are hashed. */
  readonly hashes: TextHashes
}

/** Hash of each requested file; null if the file does not exist. */
export type TextHashes = Map<string, Promise<string | null>>

/** Options of compiling a kernel. */
export interface CompileOptions {
  readonly clang: Clang
  readonly cacheFolder: string
  /** The unpatched kernel of the same tree. */
  readonly base?: CompiledBase
  /** Hashes of the tree's files, filled in on demand. */
  readonly hashes?: TextHashes
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
 * @throws the reason of the signal
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
    if (placement.status === 'built')
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
  const isFailed = (one: CompiledFile | FailedFile): one is FailedFile => 'diagnostics' in one
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
 * Compiles files ahead of `compileKernel`, which then finds their objects in the cache. Files that the configuration does
 * not build are left out. Faults are left to `compileKernel`, which compiles such files again.
 *
 * @returns once no compiler runs any more
 */
export async function compileAhead(
  configuredTree: ConfiguredTree,
  files: readonly string[],
  options: CompileOptions,
): Promise<void> {
  const compiler = new FileCompiler(configuredTree, options)
  await Promise.allSettled(
    files.map(async (path) => {
      const placement = await configuredTree.placementOf(path)
      if (placement.status !== 'built') return
      await compiler.compile(await configuredTree.jobOf(path), optionsOf(path, placement))
    }),
  )
}

const optionsOf = (
  file: string,
  { isModular, module }: Extract<Placement, { readonly status: 'built' }>,
): TranslateOptions => ({ file, module: isModular ? module : null })

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

class FileCompiler {
  readonly #configuredTree: ConfiguredTree
  readonly #clang: Clang
  readonly #base: CompiledBase | null
  readonly #isInstrumented: Required<CompileOptions>['isInstrumented']
  readonly #source: string
  readonly #signal: AbortSignal | undefined
  readonly #onStart: Pick<CompileJob, 'onStart'>
  readonly #cache: ObjectCache
  readonly #hashes: TextHashes
  /** Names of headers that patches add. A new header can hide a header of the same name in another folder. */
  readonly #added: Promise<ReadonlySet<string>>

  constructor(
    configuredTree: ConfiguredTree,
    {
      clang,
      cacheFolder,
      base,
      hashes,
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
    this.#hashes = base?.hashes ?? hashes ?? new Map<string, Promise<string | null>>()
    this.#added = this.#namesOfAdded()
  }

  /** Our own file is overlaid on the tree like any other text. */
  async ownJob(): Promise<FileJob> {
    const job = await this.#configuredTree.jobOf(ownFile)
    return { ...job, texts: new Map([...job.texts, [ownFile, ownSource() + this.#source]]) }
  }

  async compile(job: FileJob, options: TranslateOptions): Promise<CompiledFile | FailedFile> {
    const { file } = job
    const known = this.#base?.kernel.files.get(file)
    const touchedHeaders = known === undefined ? [] : known.headers
    const coverage = this.#isInstrumented(file, touchedHeaders)
    const asked: TranslateOptions = { layouts: accessedStructs, ...options, coverage, watchIndirectCalls }
    const context = [
      objectCodeIdentity(),
      this.#clang.compiler.versionText,
      this.#configuredTree.headersId,
      asked,
    ]
    const source: ObjectSource = { file, flags: job.flags, context }
    if (known !== undefined && (await this.#isSame(known, source))) return known
    const hashOf: HashOf = async (path) => this.#hashOf(path, job)
    const kept = await this.#cache.find(source, hashOf)
    if (kept !== null) return { ...kept, source }
    const compiled = await this.#clang.compile({ ...job, ...this.#onStart, warnings: false }, this.#signal)
    if (compiled.status === 'invalid') {
      return { file, status: compiled.status, diagnostics: compiled.diagnostics }
    }
    if (compiled.status !== 'ok') return { file, status: compiled.status, diagnostics: compiled.reason }
    const { headers } = compiled
    const object = translate(parseModule(compiled.ir), asked)
    await this.#cache.keep(source, { object, headers }, hashOf)
    return { object, headers, source }
  }

  /** True if all texts from which an object of the base was made are unchanged. */
  async #isSame({ headers, source }: CompiledFile, wanted: ObjectSource): Promise<boolean> {
    const { texts } = this.#configuredTree.tree
    const added = await this.#added
    return (
      !texts.has(wanted.file) &&
      !headers.some((path) => texts.has(path) || added.has(baseName(path))) &&
      JSON.stringify(source) === JSON.stringify(wanted)
    )
  }

  async #namesOfAdded(): Promise<ReadonlySet<string>> {
    const names = new Set<string>()
    if (this.#base === null) return names
    for (const [path, text] of this.#configuredTree.tree.texts) {
      if (text !== null && path.endsWith('.h') && (await this.#hashes.get(path)) === undefined) {
        names.add(baseName(path))
      }
    }
    return names
  }

  /** The names of generated headers already contain their hash. */
  async #hashOf(path: string, { texts }: FileJob): Promise<string | null> {
    if (/^(?:arch\/\w+\/)?include\/generated\//.test(path)) return ''
    const over = texts.get(path)
    if (over !== undefined) return over === null ? null : hash(over)
    let known = this.#hashes.get(path)
    if (known === undefined) {
      known = this.#configuredTree.tree.read(path).then((bytes) => (bytes === null ? null : hash(bytes)))
      this.#hashes.set(path, known)
    }
    return known
  }
}

const hash = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')
