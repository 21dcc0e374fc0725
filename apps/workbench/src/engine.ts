// SPDX-License-Identifier: GPL-2.0-only
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine } from '@pfo-workbench/run'
import type { CEngineArguments } from './kernel/c-engine.ts'
import { checkKernelOptions } from './kernel/kernel-options.ts'

/**
 * Runs `work` with the engine for the options: the C engine if a kernel tree is named, otherwise the models. Disposes
 * of the engine afterwards.
 *
 * @param patchArguments - arguments of the command line, which can be patch files
 * @throws UsageError for an option that needs a kernel tree, if no tree is named
 */
export async function withEngine<T>(
  options: Omit<CEngineArguments, 'kernel'> & { readonly kernel?: string },
  patchArguments: readonly string[],
  work: (engine: Engine<PatchSeries>) => Promise<T>,
): Promise<T> {
  checkKernelOptions(options)
  const { kernel } = options
  if (kernel === undefined) {
    const { withModels } = await import('./models-engine.ts')
    return withModels(work)
  }
  const { withCEngine } = await import('./kernel/c-engine.ts')
  return withCEngine({ ...options, kernel }, patchArguments, work)
}
