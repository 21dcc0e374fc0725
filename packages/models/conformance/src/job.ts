// SPDX-License-Identifier: GPL-2.0-only
import type { Action } from './action.ts'
import type { Recording } from './recording.ts'

/** All that the replay engine is told: how to boot and what to do. Plain JSON, and nothing of what the recording saw. */
export interface ReplayJob {
  readonly slubPoison: boolean
  readonly dynamicChildren: boolean
  readonly steps: readonly ReplayJobStep[]
}

export interface ReplayJobStep {
  readonly step: number
  readonly action: Action
}

/** The job that replays a recording. */
export function jobOf(recording: Recording): ReplayJob {
  const { slubPoison, dynamicChildren, steps } = recording
  return { slubPoison, dynamicChildren, steps: steps.map(({ step, action }) => ({ step, action })) }
}
