// SPDX-License-Identifier: GPL-2.0-only
import { examine, type Finding } from '@pfo-workbench/oracle'
import type { RunRecord } from '@pfo-workbench/scenario'
import type { CellStep, Story } from '../comparison.ts'
import { storyOf } from './story.ts'

/** What a comparison needs to know of a run: plain data, so that it can be kept. */
export interface ExaminedRun {
  readonly outcome: RunRecord['outcome']
  /** The step in which a task died or began to wait for ever; nothing can be said about what comes from there on. */
  readonly brokenOffIn: number | null
  readonly steps: readonly CellStep[]
  readonly findings: readonly Finding[]
  readonly console: readonly string[]
  readonly story: Story
}

/** Looks at a run with all oracles. */
export function examineRun(run: RunRecord): ExaminedRun {
  const end = run.events.find((event) => event.type === 'oops' || event.type === 'hang')
  return {
    outcome: run.outcome,
    brokenOffIn: end?.step ?? null,
    steps: run.steps.map(({ index, title, result }) => ({ index, title, result })),
    findings: examine(run),
    console: run.console,
    story: storyOf(run),
  }
}
