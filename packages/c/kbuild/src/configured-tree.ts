// SPDX-License-Identifier: GPL-2.0-only
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { markAsUsed, missingPath, type KernelTree, type Mount, type Texts } from '@pfo-workbench/kernel-tree'
import { factsOf } from './architecture.ts'
import type { Configuration } from './configure.ts'
import { KbuildError } from './error.ts'
import { constantFiles, constantsHeader } from './headers/constants.ts'
import { headersWithoutCompiler } from './headers/headers.ts'
import { Flags } from './make/flags.ts'
import { Makefiles } from './make/makefiles.ts'
import { Placements, type Placement } from './make/placement.ts'
import { kbuildCodeIdentity } from './kbuild-code-identity.ts'

/** Input of a compiler for one file. */
export interface FileJob {
  /** Path in the tree. */
  readonly file: string
  /** Options; paths in them are relative to the tree. */
  readonly flags: readonly string[]
  /**
   * Real locations of files: generated headers first, then the tree. Output of an earlier build in the tree is hidden.
   */
  readonly mounts: readonly Mount[]
  /** Texts that replace files of the mounts. */
  readonly texts: Texts
  /** Makes more files of the tree available, and returns all mounts. */
  readonly provide: (paths: readonly string[]) => Promise<readonly Mount[]>
}

/** Compiles a file whose constants become a header, with warnings off. */
export type CompileConstants = (
  job: FileJob,
) => Promise<
  | { readonly status: 'ok'; readonly ir: string }
  | { readonly status: 'invalid'; readonly diagnostics: string }
  | { readonly status: 'timeout' | 'crashed'; readonly reason: string }
>

/** Input of a build in addition to tree and configuration. */
export interface ConfiguredTreeOptions {
  readonly cacheFolder: string
  readonly compileConstants: CompileConstants
  /** Identifies the compiler. Part of the cache key. */
  readonly compiler: string
}

/** A tree with a configuration and generated headers. Determines how to compile each file. */
export class ConfiguredTree {
  readonly tree: KernelTree
  readonly configuration: Configuration
  /** Hash of the generated headers and of their input. */
  readonly id: string
  /** Hash of the content of the generated headers: equal for trees with equal headers. */
  readonly headersId: string
  readonly #generated: readonly Mount[]
  readonly #placements: Placements
  readonly #flags: Flags

  private constructor(made: {
    tree: KernelTree
    configuration: Configuration
    id: string
    headersId: string
    generated: readonly Mount[]
    placements: Placements
    flags: Flags
  }) {
    this.tree = made.tree
    this.configuration = made.configuration
    this.id = made.id
    this.headersId = made.headersId
    this.#generated = made.generated
    this.#placements = made.placements
    this.#flags = made.flags
  }

  /**
   * Generates the headers, or takes them from the cache.
   *
   * @throws KbuildError `header` if a header cannot be generated, `stopped` if the compiler was stopped, `cache` if the
   * headers cannot be written
   */
  static async create(
    tree: KernelTree,
    configuration: Configuration,
    options: ConfiguredTreeOptions,
  ): Promise<ConfiguredTree> {
    const { arch } = factsOf(configuration.architecture)
    const { values, strings, autoconf, architecture } = configuration
    const makefiles = new Makefiles(tree, arch, values, (name) => strings.has(name))
    const flags = new Flags(tree, makefiles, architecture)
    const hz = Number(values.get('HZ') ?? '100')
    const headers = await headersWithoutCompiler({ tree, makefiles, architecture, hz, autoconf })
    const made = { tree, configuration, placements: new Placements(makefiles, values), flags }
    const key = hashOf([
      kbuildCodeIdentity(),
      tree.id,
      [...tree.texts].filter(([path]) => /\.h$|bounds\.c$|-offsets\.c$/.test(path)).sort(),
      [...headers],
      await flags.common(),
      options.compiler,
    ])
    const folder = join(options.cacheFolder, 'generated', key)
    if (!(await markAsUsed(folder))) {
      const draft = `${folder}.${randomUUID()}`
      try {
        await writeHeaders(draft, headers)
        // An architecture without headers of its own needs the folder too, because a mount must exist.
        for (const { from } of generatedMounts(draft, arch))
          if (from !== missingPath) await mkdir(from, { recursive: true })
        const configured = new ConfiguredTree({
          ...made,
          id: key,
          headersId: key,
          generated: generatedMounts(draft, arch),
        })
        for (const { source, header } of constantFiles(arch)) {
          if ((await tree.read(source)) === null) continue
          const compiled = await options.compileConstants(await configured.jobOf(source))
          if (compiled.status === 'invalid') {
            const first = compiled.diagnostics.split('\n').find((line) => line.includes('error:')) ?? ''
            throw new KbuildError('header', `${header} cannot be made: ${source} does not compile: ${first}`)
          }
          if (compiled.status !== 'ok')
            throw new KbuildError('stopped', `${header} was not made: ${compiled.reason}`)
          await writeHeaders(draft, new Map([[header, constantsHeader(compiled.ir)]]))
        }
        await rename(draft, folder)
      } catch (fault) {
        await rm(draft, { recursive: true, force: true }).catch(() => undefined)
        if (fault instanceof KbuildError) throw fault
        // Another process may have made the same headers first.
        if (!existsSync(folder)) throw cacheFault(options.cacheFolder, fault)
      }
    }
    const compiled = await Promise.all(
      constantFiles(arch).map(async ({ header }) => readFile(join(folder, header), 'utf8').catch(() => null)),
    )
    const headersId = hashOf([[...headers], compiled])
    return new ConfiguredTree({ ...made, id: key, headersId, generated: generatedMounts(folder, arch) })
  }

  /** Determines what the makefiles do with a C file. */
  async placementOf(path: string): Promise<Placement> {
    return this.#placements.of(path)
  }

  /**
   * Determines how to compile a file.
   *
   * @param path - path of a C file, which the configuration need not build
   * @param forced - symbols without `CONFIG_` to set for this file only
   */
  async jobOf(path: string, forced: readonly string[] = []): Promise<FileJob> {
    const placement = await this.placementOf(path)
    const flags = [
      ...(await this.#flags.common()),
      ...(await this.#flags.own(path, placement)),
      ...forced.map((name) => `-DCONFIG_${name}=1`),
    ]
    const { arch } = factsOf(this.configuration.architecture)
    const folders = flags.filter((flag) => flag.startsWith('-I')).map((flag) => flag.slice(2))
    const provide = async (paths: readonly string[]): Promise<readonly Mount[]> => [
      ...this.#generated,
      ...(await this.tree.mounts(paths)),
    ]
    const mounts = await provide([
      'include',
      `arch/${arch}`,
      path,
      ...folders.map((folder) => posix.normalize(folder)),
    ])
    return { file: path, flags, mounts, texts: this.tree.texts, provide }
  }
}

const hashOf = (parts: unknown): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

/** The error for a cache folder that cannot be written; other errors unchanged. */
function cacheFault(folder: string, fault: unknown): unknown {
  if (!(fault instanceof Error) || !('syscall' in fault)) return fault
  return new KbuildError(
    'cache',
    `generated headers cannot be written to ${folder}: ${fault.message}. Accepted: an XDG_CACHE_HOME with some hundred megabytes of room.`,
    { cause: fault },
  )
}

async function writeHeaders(folder: string, headers: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of headers) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

/** Mounts the generated headers where a build in the tree puts them, which hides the output of such a build. */
function generatedMounts(folder: string, arch: string): Mount[] {
  const places = ['include/generated', `arch/${arch}/include/generated`]
  return [
    ...places.map((path) => ({ path, from: join(folder, path) })),
    { path: 'include/config', from: missingPath },
  ]
}
