// SPDX-License-Identifier: GPL-2.0-only
import type { CEngine } from '@pfo-workbench/engine-c'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine } from '@pfo-workbench/run'

/** True for the C engine, which is loaded only if a kernel tree is named. */
export function isCEngine(engine: Engine<PatchSeries>): engine is CEngine {
  return engine.id === 'c'
}
