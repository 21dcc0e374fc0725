// SPDX-License-Identifier: GPL-2.0-only
import type { Clang } from '@pfo-workbench/clang'
import type { Image } from '@pfo-workbench/image'
import {
  ConfiguredTree,
  configure,
  wholeKernelProfile,
  type ConfigurationRequest,
} from '@pfo-workbench/kbuild'
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import type { KernelRelease } from '@pfo-workbench/machine'
import { compileKernel, objectsOf, type CompileOptions, type FailedFile } from './compile-kernel.ts'
import { linkKernel } from './link-kernel.ts'

/** Options of building an image from a tree. */
export interface KernelImageOptions extends CompileOptions {
  readonly clang: Clang
  readonly cacheFolder: string
  /** A configuration in place of the engine's own. */
  readonly request?: ConfigurationRequest
  /** Functions that the caller calls by name, in addition to those that the engine calls. */
  readonly roots?: readonly string[]
  /** Configuration symbols, without `CONFIG_`, in addition to those of the engine's own configuration. */
  readonly wishes?: ReadonlyMap<string, string>
}

/** The image of a tree, or the reason why there is none. */
export type KernelImage =
  | {
      readonly status: 'ok'
      readonly image: Image
      readonly release: KernelRelease
      /** Files that would run, but that the configuration does not build. */
      readonly notBuilt: readonly string[]
      /** Symbols, without `CONFIG_`, that are set although the tree's Kconfig does not allow it here. */
      readonly forced: readonly string[]
    }
  | { readonly status: 'failed'; readonly failed: readonly FailedFile[] }

/**
 * Builds an image of a kernel tree: configures the tree, compiles the files that the engine runs, and links them.
 *
 * @throws KbuildError, ClangError if nothing can be compiled; LinkError if the objects cannot be linked
 */
export async function makeKernelImage(tree: KernelTree, options: KernelImageOptions): Promise<KernelImage> {
  const { clang, cacheFolder, wishes, request = wholeKernelProfile('powerpc64le', wishes) } = options
  const { version, versionText } = clang.compiler
  const configuration = await configure(tree, request, { cacheFolder, clang: version })
  const configuredTree = await ConfiguredTree.create(tree, configuration, {
    cacheFolder,
    compiler: versionText,
    compileConstants: async (job) => clang.compile({ ...job, warnings: false }),
  })
  const compiled = await compileKernel(configuredTree, options)
  const { failed, notBuilt } = compiled
  if (failed.length > 0) return { status: 'failed', failed }
  return {
    status: 'ok',
    image: linkKernel(objectsOf(compiled), options.roots),
    release: tree.version,
    notBuilt,
    forced: configuration.forced,
  }
}
