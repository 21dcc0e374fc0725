// SPDX-License-Identifier: GPL-2.0-only
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Stack } from '@pfo-workbench/run'
import { compileAhead, type TextHashes } from '../build/compile-kernel.ts'
import { configureKernel, type ConfiguredKernel, type KernelBuildOptions } from '../build/kernel.ts'
import { applyToKernel, type ApplyOptions, type PatchedKernel } from './apply.ts'

/** A patched kernel whose changed files are being compiled into the cache. */
export interface EarlyBuild {
  readonly changed: PatchedKernel['changed']
  readonly configured: ConfiguredKernel
  /** Resolves when no compiler runs any more. */
  readonly ended: Promise<unknown>
}

interface EarlyBuildOptions extends KernelBuildOptions, ApplyOptions {
  readonly hashes: TextHashes
}

/**
 * Begins to compile the C files that a stack changes. The compiler needs nothing of the unpatched kernel, whose objects
 * take as long to read, so both can be done at the same time.
 *
 * @returns once the compiler runs or need not run; null if the stack cannot be built: its build will give the reason
 */
export async function beginBuild(
  tree: KernelTree,
  stack: Stack<PatchSeries>,
  { revert, folder, hashes, ...makings }: EarlyBuildOptions,
): Promise<EarlyBuild | null> {
  try {
    const patched = await applyToKernel(tree, stack, { revert, folder })
    if (patched.status !== 'ok') return null
    const { changed } = patched
    const configured = await configureKernel(patched.tree, makings)
    const files = [...changed].flatMap(([path, text]) => (text !== null && path.endsWith('.c') ? [path] : []))
    const { clang, cacheFolder, signal } = makings
    const isInstrumented = (file: string): boolean => changed.has(file)
    return await new Promise((resolve) => {
      const onStart = (): void => {
        resolve({ changed, configured, ended })
      }
      const options = { clang, cacheFolder, signal, hashes, isInstrumented, onStart }
      const ended = compileAhead(configured.configuredTree, files, options).finally(onStart)
    })
  } catch {
    return null
  }
}
