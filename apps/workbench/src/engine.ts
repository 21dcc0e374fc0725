// SPDX-License-Identifier: GPL-2.0-only
import { ModelEngine } from '@pfo-workbench/engine-models'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine } from '@pfo-workbench/run'
import { checkKernelOptions, type KernelOptions } from './kernel/kernel-options.ts'

/**
 * Runs `work` with the engine for the options: the C engine if a kernel tree is named, otherwise the models. Disposes
 * of the engine afterwards.
 *
 * @param patchArguments - arguments of the command line, which can be patch files
 */
export async function withEngine<T>(
  options: KernelOptions,
  patchArguments: readonly string[],
  work: (engine: Engine<PatchSeries>) => Promise<T>,
): Promise<T> {
  checkKernelOptions(options)
  const { kernel } = options
  if (kernel === undefined) return withModels(work)
  const { withCEngine } = await import('./kernel/c-engine.ts')
  return withCEngine({ ...options, kernel }, patchArguments, work)
}

/** A function of its own: tsc keeps the suffix `.ts` of an `import()` in a function that has `await using`. */
async function withModels<T>(work: (engine: Engine<PatchSeries>) => Promise<T>): Promise<T> {
  await using engine = new ModelEngine()
  return await work(engine)
}
