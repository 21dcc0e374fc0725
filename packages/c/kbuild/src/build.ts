// SPDX-License-Identifier: GPL-2.0-only
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { nowhere, type KernelTree, type Mount, type Texts } from '@pfo-workbench/kernel-tree'
import { factsOf } from './architecture.ts'
import type { Configuration } from './configure.ts'
import { KbuildError } from './error.ts'
import { constantFiles, constantsHeader } from './headers/constants.ts'
import { plainHeaders } from './headers/headers.ts'
import { Flags } from './make/flags.ts'
import { Makefiles } from './make/makefiles.ts'
import { Placements, type Placement } from './make/placement.ts'

/** All that a compiler needs to know of one file. */
export interface FileJob {
  /** Path in the tree. */
  readonly file: string
  /** Options; paths in them are relative to the tree. */
  readonly flags: readonly string[]
  /** Where files are: generated headers, then those of the tree. What an earlier build left in the tree is hidden. */
  readonly mounts: readonly Mount[]
  /** Texts that lie over them. */
  readonly texts: Texts
  /** Makes more files of the tree real. */
  readonly provide: (paths: readonly string[]) => Promise<readonly Mount[]>
}

/** Compiles a file whose constants make a header, without warnings. */
export type CompileConstants = (
  job: FileJob,
) => Promise<
  { readonly status: 'ok'; readonly ir: string } | { readonly status: string; readonly diagnostics: string }
>

/** What a build is made from, besides tree and configuration. */
export interface BuildOptions {
  readonly cacheFolder: string
  readonly compileConstants: CompileConstants
  /** Names the compiler: part of the key of what is kept. */
  readonly compiler: string
}

/** A tree with a configuration and generated headers: it says how each file is compiled. */
export class Build {
  readonly tree: KernelTree
  readonly configuration: Configuration
  /** Hash of the generated headers and of what they were made from. */
  readonly id: string
  /** Hash of the texts of the generated headers: equal for trees whose headers come out the same. */
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
   * Makes the generated headers, or finds those that were made before.
   *
   * @throws KbuildError `header` if one cannot be made
   */
  static async create(tree: KernelTree, configuration: Configuration, options: BuildOptions): Promise<Build> {
    const { arch } = factsOf(configuration.architecture)
    const { values, strings, autoconf, architecture } = configuration
    const makefiles = new Makefiles(tree, arch, values, (name) => strings.has(name))
    const flags = new Flags(tree, makefiles, architecture)
    const hz = Number(values.get('HZ') ?? '100')
    const headers = await plainHeaders({ tree, makefiles, architecture, hz, autoconf })
    const made = { tree, configuration, placements: new Placements(makefiles, values), flags }
    const key = hashOf([
      2,
      tree.id,
      [...tree.texts].filter(([path]) => /\.h$|bounds\.c$|-offsets\.c$/.test(path)).sort(),
      [...headers],
      await flags.common(),
      options.compiler,
    ])
    const folder = join(options.cacheFolder, 'generated', key)
    if (!existsSync(folder)) {
      const draft = `${folder}.${randomUUID()}`
      try {
        await writeHeaders(draft, headers)
        const build = new Build({ ...made, id: key, headersId: key, generated: generatedMounts(draft, arch) })
        for (const { source, header } of constantFiles(arch)) {
          if ((await tree.read(source)) === null) continue
          const compiled = await options.compileConstants(await build.jobOf(source))
          if (!('ir' in compiled)) {
            const first = compiled.diagnostics.split('\n').find((line) => line.includes('error:')) ?? ''
            throw new KbuildError('header', `${header} cannot be made: ${source} does not compile: ${first}`)
          }
          await writeHeaders(draft, new Map([[header, constantsHeader(compiled.ir)]]))
        }
        await rename(draft, folder)
      } catch (fault) {
        await rm(draft, { recursive: true, force: true })
        if (fault instanceof KbuildError || !existsSync(folder)) throw fault
      }
    }
    const compiled = await Promise.all(
      constantFiles(arch).map(async ({ header }) => readFile(join(folder, header), 'utf8').catch(() => null)),
    )
    const headersId = hashOf([[...headers], compiled])
    return new Build({ ...made, id: key, headersId, generated: generatedMounts(folder, arch) })
  }

  /** What the makefiles do with a C file. */
  async placementOf(path: string): Promise<Placement> {
    return this.#placements.of(path)
  }

  /**
   * How a file is compiled.
   *
   * @param path - of a C file, whether the configuration builds it or not
   * @param forced - symbols without `CONFIG_` that this file alone sees as set
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

async function writeHeaders(folder: string, headers: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of headers) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

/** Generated headers stand where a build in the tree has them; so what such a build left is hidden. */
function generatedMounts(folder: string, arch: string): Mount[] {
  const places = ['include/generated', `arch/${arch}/include/generated`]
  return [
    ...places.map((path) => ({ path, from: join(folder, path) })),
    { path: 'include/config', from: nowhere },
  ]
}
