// SPDX-License-Identifier: GPL-2.0-only
import { ActionError } from './action/action-error.ts'
import type { Action } from './action/action.ts'
import { parseAction } from './action/parse.ts'
import { firstLine, stepLine, type RecordedOutcome, type StepLine } from './line-schema.ts'
import { RecordedLine } from './recorded-line.ts'
import { RecordingError, UnknownActionError } from './recording-error.ts'

/** One step: the action, and everything that the observer recorded in it. */
export interface RecordedStep extends Readonly<Omit<StepLine, 'variant' | 'scenario' | 'action' | 'rc'>> {
  /** Line in the recording. */
  readonly line: number
  readonly text: string
  readonly action: Action
  readonly outcome: RecordedOutcome
}

/** One recorded run: a freshly booted machine and its steps. */
export interface Recording {
  readonly variant: string
  readonly scenario: string
  /** True if `slub_debug=FZPU` was set. */
  readonly slubPoison: boolean
  /** True if compression and sym-encryption were `OF_DYNAMIC` from boot. */
  readonly dynamicChildren: boolean
  /** True if the parent, and with it all children, was `OF_DYNAMIC` from boot. */
  readonly dynamicParent: boolean
  /** Lines of the observer during boot. */
  readonly boot: readonly string[]
  readonly steps: readonly RecordedStep[]
}

/** A recording without a replay, such as one with an unknown patch or action, or one on which the engine failed. */
export interface NotReplayed {
  readonly variant: string
  readonly scenario: string
  readonly reason: string
}

/**
 * Parses a recording.
 *
 * @param file - its path, for messages
 * @param content - JSON lines: the run, then one object per step
 * @throws RecordingError for any invalid content
 * @throws UnknownActionError for an action that the replay does not support
 */
export function parseRecording(file: string, content: string): Recording {
  const [first, ...rest] = content
    .split('\n')
    .flatMap((text, index) => (text.trim() === '' ? [] : [new RecordedLine(file, index + 1, text)]))
  if (first === undefined) throw new RecordingError(file, 0, 'the file is empty; expected: JSON lines')
  const { variant, scenario, slub_poison, boot_children, boot_parent, boot } = first.read(firstLine)
  const steps = rest.map((line) => readStep(line, { variant, scenario }))
  for (const [index, { step, line }] of steps.entries()) {
    if (step !== index + 1)
      throw new RecordingError(file, line, `step ${step} where ${index + 1} was expected`)
  }
  return {
    variant,
    scenario,
    slubPoison: slub_poison,
    dynamicChildren: boot_children === 'dynamic',
    dynamicParent: boot_parent === 'dynamic',
    boot,
    steps,
  }
}

function readStep(line: RecordedLine, run: Pick<Recording, 'variant' | 'scenario'>): RecordedStep {
  const { variant, scenario, action: text, rc, ...observed } = line.read(stepLine)
  if (variant !== run.variant) line.fail(['variant'], `"${run.variant}" as in the first line`)
  if (scenario !== run.scenario) line.fail(['scenario'], `"${run.scenario}" as in the first line`)
  return { ...observed, line: line.number, text, action: readAction(line, text, run), outcome: rc }
}

function readAction(
  { file, number }: RecordedLine,
  text: string,
  run: Pick<Recording, 'variant' | 'scenario'>,
): Action {
  try {
    return parseAction(text)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    throw new UnknownActionError(file, number, error.message, run)
  }
}
