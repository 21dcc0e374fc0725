// SPDX-License-Identifier: GPL-2.0-only
import { Clang, type Compiler } from '@pfo-workbench/clang'
import {
  allModulesProfile,
  ConfiguredTree,
  configure,
  type ConfigurationRequest,
  KbuildError,
  type Platform,
} from '@pfo-workbench/kbuild'
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import { includerOf } from './includer.ts'

/** Order in which configurations are tried. Most files compile in the first. */
const platformOrder: readonly Platform[] = ['ppc64', 'book3s_32', '85xx', '44x', '8xx', 'arm']

/** A configuration that the user supplies to replace the default ones. */
export interface NamedConfiguration {
  /** Name in reports. */
  readonly name: string
  readonly request: ConfigurationRequest
}

/** A configuration that files are compiled in. */
export interface PlatformBuild {
  /** Name of the configuration in reports: `ppc64`. */
  readonly name: string
  readonly configured: ConfiguredTree
  /** True if a symbol (without `CONFIG_`) is set to `y`. */
  isBuiltIn(symbol: string): boolean
}

/** The configurations of a tree. Each is created on first use. */
export class PlatformBuilds {
  readonly #tree: KernelTree
  readonly #clang: Clang
  readonly #compiler: Compiler
  readonly #cacheFolder: string
  readonly #configurations: readonly NamedConfiguration[]
  readonly #builds = new Map<string, Promise<PlatformBuild>>()

  /** @param only - the one configuration to use; null for the default ones, one for each platform in `platformOrder` */
  constructor(tree: KernelTree, clang: Clang, cacheFolder: string, only: NamedConfiguration | null = null) {
    this.#configurations =
      only === null
        ? platformOrder.map((platform) => ({ name: platform, request: allModulesProfile(platform) }))
        : [only]
    this.#tree = tree
    this.#clang = clang
    this.#compiler = clang.compiler
    this.#cacheFolder = cacheFolder
  }

  /** The configurations that can compile a file at all. Code below arch/ needs one of its own architecture. */
  namesFor(path: string): readonly string[] {
    const [, architecture] = /^arch\/([^/]+)\//.exec(path) ?? []
    return this.#configurations
      .filter(({ request }) => architecture === undefined || folderOf(request) === architecture)
      .map(({ name }) => name)
  }

  /** The first C file in the same folder that includes a file by its name; null if none does. */
  async includerOf(path: string): Promise<string | null> {
    return includerOf(this.#tree, path)
  }

  /**
   * Makes the build of a configuration at the first call; later calls return the same build. After a transient failure,
   * the next call tries again.
   *
   * @throws KbuildError if the tree cannot be configured this way.
   */
  async of(name: string): Promise<PlatformBuild> {
    const known = this.#builds.get(name)
    if (known !== undefined) return known
    const build = this.#make(name)
    this.#builds.set(name, build)
    try {
      return await build
    } catch (fault) {
      if (fault instanceof KbuildError && fault.isTransient) this.#builds.delete(name)
      throw fault
    }
  }

  async #make(name: string): Promise<PlatformBuild> {
    const wanted = this.#configurations.find((configuration) => configuration.name === name)
    if (wanted === undefined) throw new Error(`there is no configuration ${name}`)
    const configuration = await configure(this.#tree, wanted.request, {
      cacheFolder: this.#cacheFolder,
      clang: this.#compiler.version,
    })
    const configured = await ConfiguredTree.create(this.#tree, configuration, {
      cacheFolder: this.#cacheFolder,
      compiler: this.#compiler.versionText,
      compileConstants: async (job) => this.#clang.compile({ ...job, warnings: false }),
    })
    return { name, configured, isBuiltIn: (symbol) => configuration.values.get(symbol) === 'y' }
  }
}

/** The folder below arch/ that a configuration uses. */
function folderOf({ architecture }: ConfigurationRequest): string {
  return architecture.startsWith('powerpc') ? 'powerpc' : architecture
}
