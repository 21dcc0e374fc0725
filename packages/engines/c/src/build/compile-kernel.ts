// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import type { Clang } from '@pfo-workbench/clang'
import { lookedAtStructures } from '@pfo-workbench/host'
import { parseModule } from '@pfo-workbench/ir'
import type { Build, FileJob } from '@pfo-workbench/kbuild'
import { translate, type ObjectFile, type TranslateOptions } from '@pfo-workbench/object'
import { closureOf } from './closure.ts'
import { ownFile, ownSource } from './own-source.ts'
import { ObjectCache, type HashOf, type ObjectSource } from './object-cache.ts'

/** A file that has no object. */
export interface FailedFile {
  readonly file: string
  /** What clang printed, or why it ended. */
  readonly diagnostics: string
  readonly status: 'invalid' | 'timeout' | 'crashed'
}

/** What became of the files of a kernel. */
export interface CompiledKernel {
  /** In the order of the closure, which is that of initcalls of one level. */
  readonly objects: readonly ObjectFile[]
  readonly failed: readonly FailedFile[]
  /** Files of the closure that the configuration does not build. */
  readonly notBuilt: readonly string[]
}

/** How a kernel is compiled. */
export interface CompileOptions {
  readonly clang: Clang
  readonly cacheFolder: string
  /** C of the caller's, compiled behind the engine's own with the kernel's headers. */
  readonly source?: string
  /** Files whose basic blocks note that they ran. */
  readonly probed?: ReadonlySet<string>
  /** Told of each file that is done. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Chains of calls through pointers that are events: see the watches of the host package. */
const watchIndirectCalls = ['notifier_call_chain']

/** Compiles the files of a kernel that the engine runs. What was compiled before is taken from the cache. */
export async function compileKernel(build: Build, options: CompileOptions): Promise<CompiledKernel> {
  const compiler = new FileCompiler(build, options)
  const paths = await closureOf(build.tree)
  const jobs: (() => Promise<ObjectFile | FailedFile>)[] = []
  const notBuilt: string[] = []
  for (const path of paths) {
    const placement = await build.placementOf(path)
    if (placement.status === 'built') {
      jobs.push(async () =>
        compiler.compile(await build.jobOf(path), {
          file: path,
          module: placement.isModular ? placement.module : null,
        }),
      )
    } else notBuilt.push(path)
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
    objects: results.filter((one): one is ObjectFile => !('diagnostics' in one)),
    failed: results.filter((one): one is FailedFile => 'diagnostics' in one),
    notBuilt,
  }
}

class FileCompiler {
  readonly #build: Build
  readonly #clang: Clang
  readonly #probed: ReadonlySet<string>
  readonly #source: string
  readonly #cache: ObjectCache
  readonly #hashes = new Map<string, Promise<string | null>>()

  constructor(build: Build, { clang, cacheFolder, probed = new Set(), source = '' }: CompileOptions) {
    this.#build = build
    this.#clang = clang
    this.#probed = probed
    this.#source = source
    this.#cache = new ObjectCache(cacheFolder)
  }

  /** Our own file lies over the tree as any other text does. */
  async ownJob(): Promise<FileJob> {
    const job = await this.#build.jobOf(ownFile)
    return { ...job, texts: new Map([...job.texts, [ownFile, ownSource() + this.#source]]) }
  }

  async compile(job: FileJob, options: TranslateOptions): Promise<ObjectFile | FailedFile> {
    const { file } = job
    const asked: TranslateOptions = {
      layouts: lookedAtStructures,
      ...options,
      probes: this.#probed.has(file),
      watchIndirectCalls,
    }
    const context = [this.#clang.compiler.versionText, this.#build.id, asked]
    const source: ObjectSource = { file, flags: job.flags, context }
    const hashOf: HashOf = async (path) => this.#hashOf(path, job)
    const known = await this.#cache.find(source, hashOf)
    if (known !== null) return known
    const compiled = await this.#clang.compile({ ...job, warnings: false })
    if (compiled.status === 'invalid') {
      return { file, status: compiled.status, diagnostics: compiled.diagnostics }
    }
    if (compiled.status !== 'ok') return { file, status: compiled.status, diagnostics: compiled.reason }
    const object = translate(parseModule(compiled.ir), asked)
    await this.#cache.keep(source, compiled.headers, object, hashOf)
    return object
  }

  /** Generated headers are named by the build's id. */
  async #hashOf(path: string, { texts }: FileJob): Promise<string | null> {
    if (/^(?:arch\/\w+\/)?include\/generated\//.test(path)) return ''
    const over = texts.get(path)
    if (over !== undefined) return over === null ? null : hash(over)
    let known = this.#hashes.get(path)
    if (known === undefined) {
      known = this.#build.tree.read(path).then((bytes) => (bytes === null ? null : hash(bytes)))
      this.#hashes.set(path, known)
    }
    return known
  }
}

const hash = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')
