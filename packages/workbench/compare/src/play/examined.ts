// SPDX-License-Identifier: GPL-2.0-only
import { examine, type Finding, type Oracle } from '@pfo-workbench/oracle'
import { eventsOf, type PlayedStep, type RunRecord } from '@pfo-workbench/run'
import { observe, type Observed } from '../changes/observe.ts'
import type { Story } from '../story-schema.ts'
import { objectLives, type ObjectLife } from './object-life.ts'
import { storyOf } from './story.ts'

/** The parts of a run that a comparison needs. Plain data, so that it can be cached. */
export interface ExaminedRun {
  readonly outcome: RunRecord['outcome']
  readonly unmodelled: RunRecord['unmodelled']
  readonly assumed: RunRecord['assumed']
  /** The step in which a task died or hung, or the engine could not continue. Nothing is known about later steps. */
  readonly brokenOffIn: number | null
  readonly steps: readonly PlayedStep[]
  readonly findings: readonly Finding[]
  readonly console: readonly string[]
  readonly story: Story
  /** Nodes and devices. */
  readonly lives: readonly ObjectLife[]
  /** Everything that a user can see. */
  readonly observed: Observed
}

/** Examines a run with all oracles or with the given ones. */
export function examineRun(run: RunRecord, by?: readonly Oracle[]): ExaminedRun {
  const end = eventsOf(run, 'oops', 'hang', 'unmodelled')[0]
  return {
    outcome: run.outcome,
    unmodelled: run.unmodelled,
    assumed: run.assumed,
    brokenOffIn: end?.step ?? null,
    steps: run.steps.map(({ index, step, result, failure }) => ({ index, step, result, failure })),
    findings: examine(run, by),
    console: run.console,
    story: storyOf(run),
    lives: objectLives(run),
    observed: observe(run),
  }
}
