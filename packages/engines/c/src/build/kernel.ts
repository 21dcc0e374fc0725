// SPDX-License-Identifier: GPL-2.0-only
import { InputError } from '@pfo-workbench/errors'
import type { Clang } from '@pfo-workbench/clang'
import {
  ConfiguredTree,
  configure,
  type Configuration,
  type ConfigurationRequest,
} from '@pfo-workbench/kbuild'
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import { compileKernel, type CompiledKernel } from './compile-kernel.ts'
import { TreeFiles } from './tree-files.ts'
import { compileReason } from '../patch/diagnostics.ts'

/** The unpatched tree cannot be built into a runnable kernel. The message has the place and the reason. */
export class KernelBuildError extends InputError {
  override readonly name = 'KernelBuildError'
}

/** Reports progress: what is being done, such as `compiling`, and how many of all parts are done. */
export type BuildProgress = (doing: string, done: number, total: number) => void

/** Options of building kernels from one tree. */
export interface KernelBuildOptions {
  readonly clang: Clang
  readonly cacheFolder: string
  readonly request: ConfigurationRequest
  readonly onProgress?: BuildProgress
  /** Aborts the compiler. */
  readonly signal?: AbortSignal | undefined
}

/** A configured tree: how to compile each of its files. */
export interface ConfiguredKernel {
  readonly configuration: Configuration
  readonly configuredTree: ConfiguredTree
}

/** The compiled unpatched kernel, whose parts patched kernels reuse. */
export interface UnpatchedKernel extends ConfiguredKernel {
  readonly kernel: CompiledKernel
  readonly files: TreeFiles
}

/** Configures a tree and creates its generated headers. Both are cached by content. @throws KbuildError */
export async function configureKernel(
  tree: KernelTree,
  { clang, cacheFolder, request, signal }: KernelBuildOptions,
): Promise<ConfiguredKernel> {
  const { version, versionText } = clang.compiler
  const configuration = await configure(tree, request, { cacheFolder, clang: version })
  const configuredTree = await ConfiguredTree.create(tree, configuration, {
    cacheFolder,
    compiler: versionText,
    compileConstants: async (job) => clang.compile({ ...job, warnings: false }, signal),
  })
  return { configuration, configuredTree }
}

/**
 * Compiles the unpatched kernel of a tree.
 *
 * @param files - the files of the tree
 * @throws KernelBuildError if a file does not compile; KbuildError if the tree cannot be configured; the abort reason
 * of `makings.signal`, if it is aborted
 */
export async function makeUnpatchedKernel(
  tree: KernelTree,
  makings: KernelBuildOptions,
  files: TreeFiles = new TreeFiles(tree),
): Promise<UnpatchedKernel> {
  const { clang, cacheFolder, onProgress, signal } = makings
  onProgress?.('configuring', 0, 1)
  const configured = await configureKernel(tree, makings)
  const kernel = await compileKernel(configured.configuredTree, {
    clang,
    cacheFolder,
    files,
    signal,
    onProgress: (done, total) => onProgress?.('compiling', done, total),
  })
  if (kernel.failed.length > 0)
    throw new KernelBuildError(
      `${tree.title} does not compile without a patch. This is not the fault of a patch. Please report this kernel.\n${compileReason(kernel.failed)}`,
    )
  return { ...configured, kernel, files }
}
