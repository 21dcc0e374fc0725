// SPDX-License-Identifier: GPL-2.0-only
import type { Action } from './action/action.ts'
import type { RecordedStep, Recording } from './recording.ts'

/**
 * The input of the replay engine: options for the boot, the actions, and for each new node the freed memory that the
 * recorded allocator reused. Plain JSON. Contains no results of the recording.
 */
export interface ReplayJob {
  readonly slubPoison: boolean
  readonly dynamicChildren: boolean
  readonly dynamicParent: boolean
  readonly steps: readonly ReplayJobStep[]
}

/** One step of a job. */
export interface ReplayJobStep {
  readonly step: number
  readonly action: Action
  /** For each node created in the step, in order: the freed node whose memory it gets; null for fresh memory. */
  readonly memory: readonly (string | null)[]
}

/** The job that replays a recording. */
export function jobOf(recording: Recording): ReplayJob {
  const { slubPoison, dynamicChildren, dynamicParent, steps } = recording
  return {
    slubPoison,
    dynamicChildren,
    dynamicParent,
    steps: steps.map((step) => ({ step: step.step, action: step.action, memory: memoryOf(step) })),
  }
}

const reusedLine = /^memory of (\S+) is reused$/
const newNodeLine = /^new node (\S+) \(/

function memoryOf({ lifecycle }: RecordedStep): (string | null)[] {
  const memory: (string | null)[] = []
  let reused: string | null = null
  for (const line of lifecycle) {
    reused = reusedLine.exec(line)?.[1] ?? reused
    if (!newNodeLine.test(line)) continue
    memory.push(reused)
    reused = null
  }
  return memory
}
