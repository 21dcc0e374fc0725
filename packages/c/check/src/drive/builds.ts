// SPDX-License-Identifier: GPL-2.0-only
import { Clang, type Compiler } from '@pfo-workbench/clang'
import { allModulesProfile, Build, configure, type Platform } from '@pfo-workbench/kbuild'
import type { KernelTree } from '@pfo-workbench/kernel-tree'

/** Configurations in the order in which they are tried: most files compile in the first. */
export const platformOrder: readonly Platform[] = ['ppc64', 'book3s_32', '85xx', '44x', '8xx', 'arm']

/** A configuration that files are compiled in. */
export interface PlatformBuild {
  readonly platform: Platform
  readonly build: Build
  /** Whether a symbol, without `CONFIG_`, is set to `y`. */
  isBuiltIn(symbol: string): boolean
}

/** The configurations of a tree, each made when it is asked for the first time. */
export class PlatformBuilds {
  readonly #tree: KernelTree
  readonly #clang: Clang
  readonly #compiler: Compiler
  readonly #cacheFolder: string
  readonly #builds = new Map<Platform, Promise<PlatformBuild>>()

  constructor(tree: KernelTree, clang: Clang, cacheFolder: string) {
    this.#tree = tree
    this.#clang = clang
    this.#compiler = clang.compiler
    this.#cacheFolder = cacheFolder
  }

  /** @throws KbuildError if the tree cannot be configured for the platform. */
  async of(platform: Platform): Promise<PlatformBuild> {
    let build = this.#builds.get(platform)
    if (build === undefined) this.#builds.set(platform, (build = this.#make(platform)))
    return build
  }

  async #make(platform: Platform): Promise<PlatformBuild> {
    const configuration = await configure(this.#tree, allModulesProfile(platform), {
      cacheFolder: this.#cacheFolder,
      clang: this.#compiler.version,
    })
    const build = await Build.create(this.#tree, configuration, {
      cacheFolder: this.#cacheFolder,
      compiler: this.#compiler.versionText,
      compileConstants: async (job) => this.#clang.compile({ ...job, warnings: false }),
    })
    return { platform, build, isBuiltIn: (symbol) => configuration.values.get(symbol) === 'y' }
  }
}
