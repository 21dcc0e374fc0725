// SPDX-License-Identifier: GPL-2.0-only
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Stack } from '@pfo-workbench/run'
import { compileAhead, type FailedFile } from '../build/compile-kernel.ts'
import { configureKernel, type ConfiguredKernel, type KernelBuildOptions } from '../build/kernel.ts'
import type { TreeFiles } from '../build/tree-files.ts'
import { applyToKernel, sourcesOf, type ApplyOptions, type PatchedKernel } from './apply.ts'

/** A patched kernel whose changed files are being compiled into the cache. */
export interface EarlyBuild {
  readonly changed: PatchedKernel['changed']
  readonly configured: ConfiguredKernel
  /** Resolves to the files that are not valid C, when no compiler runs any more. */
  readonly ended: Promise<readonly FailedFile[]>
}

interface EarlyBuildOptions extends KernelBuildOptions, ApplyOptions {
  /** The files of the unpatched tree. */
  readonly files: TreeFiles
}

/**
 * Begins to compile the C files that a stack changes. The compiler does not need the objects of the unpatched kernel.
 * Reading them takes about as long as compiling, so both run at the same time.
 *
 * @returns once the compiler runs or need not run; null if the stack cannot be built; `buildVariant` then gives the
 * reason
 */
export async function beginBuild(
  tree: KernelTree,
  stack: Stack<PatchSeries>,
  { revert, folder, files, ...makings }: EarlyBuildOptions,
): Promise<EarlyBuild | null> {
  try {
    const patched = await applyToKernel(tree, stack, { revert, folder })
    if (patched.status !== 'ok') return null
    const { changed } = patched
    const configured = await configureKernel(patched.tree, makings)
    const { clang, cacheFolder, signal } = makings
    const isInstrumented = (file: string): boolean => changed.has(file)
    return await new Promise((resolve) => {
      const onStart = (): void => {
        resolve({ changed, configured, ended })
      }
      const options = { clang, cacheFolder, signal, files, isInstrumented, onStart }
      const ended = compileAhead(configured.configuredTree, sourcesOf(changed), options).finally(onStart)
    })
  } catch {
    return null
  }
}
