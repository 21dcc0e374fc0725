// SPDX-License-Identifier: GPL-2.0-only
import { ModelEngine } from '@pfo-workbench/engine-models'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine } from '@pfo-workbench/run'

/** Runs `work` with the models, and disposes of the engine afterwards. */
export async function withModels<T>(work: (engine: Engine<PatchSeries>) => Promise<T>): Promise<T> {
  await using engine = new ModelEngine()
  return await work(engine)
}
