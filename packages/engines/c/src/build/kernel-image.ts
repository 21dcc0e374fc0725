// SPDX-License-Identifier: GPL-2.0-only
import type { Clang } from '@pfo-workbench/clang'
import type { Image } from '@pfo-workbench/image'
import { Build, configure, wholeKernelProfile } from '@pfo-workbench/kbuild'
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import type { KernelRelease } from '@pfo-workbench/machine'
import { compileKernel, objectsOf, type CompileOptions, type FailedFile } from './compile-kernel.ts'
import { linkKernel } from './link-kernel.ts'

/** How an image is made of a tree. */
export interface KernelImageOptions extends CompileOptions {
  readonly clang: Clang
  readonly cacheFolder: string
  /** Byte order of the kernel. Default: little. */
  readonly endian?: 'big' | 'little'
  /** Functions that the caller calls by name, besides those that the engine does. */
  readonly roots?: readonly string[]
  /** Configuration symbols without `CONFIG_`, besides those that the engine wishes for. */
  readonly wishes?: ReadonlyMap<string, string>
}

/** A tree that became an image, or why it did not. */
export type KernelImage =
  | {
      readonly status: 'ok'
      readonly image: Image
      readonly release: KernelRelease
      /** Files that would run, and that the configuration does not build. */
      readonly notBuilt: readonly string[]
      /** Symbols without `CONFIG_` that are set although the tree's Kconfig does not allow it here. */
      readonly forced: readonly string[]
    }
  | { readonly status: 'failed'; readonly failed: readonly FailedFile[] }

/**
 * Makes an image of a kernel tree: configures it, compiles the files that the engine runs, and links them.
 *
 * @throws KbuildError, ClangError if nothing can be compiled at all; LinkError if the objects do not go together
 */
export async function makeKernelImage(tree: KernelTree, options: KernelImageOptions): Promise<KernelImage> {
  const { clang, cacheFolder, endian = 'little', wishes } = options
  const { version, versionText } = clang.compiler
  const profile = wholeKernelProfile(endian === 'little' ? 'powerpc64le' : 'powerpc64', wishes)
  const configuration = await configure(tree, profile, { cacheFolder, clang: version })
  const build = await Build.create(tree, configuration, {
    cacheFolder,
    compiler: versionText,
    compileConstants: async (job) => clang.compile({ ...job, warnings: false }),
  })
  const compiled = await compileKernel(build, options)
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
