// SPDX-License-Identifier: GPL-2.0-only
import { examine, type Oracle } from '@pfo-workbench/oracle'
import { eventsOf, type RunRecord } from '@pfo-workbench/run'
import { observe } from '../changes/observe.ts'
import type { ExaminedRun } from './examined-schema.ts'
import { objectLives } from './object-life.ts'
import { storyOf } from './story.ts'
import { writersOf } from './writers.ts'

/** Examines a run with all oracles or with the given ones. */
export function examineRun(run: RunRecord, by?: readonly Oracle[]): ExaminedRun {
  const writers = writersOf(run)
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
    ...(writers.length === 0 ? {} : { writers }),
    observed: observe(run),
  }
}
