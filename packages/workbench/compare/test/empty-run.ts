// SPDX-License-Identifier: GPL-2.0-only
import type { ExaminedRun } from '../src/index.ts'

/** A completed run without steps, findings or observations. */
export const emptyRun: ExaminedRun = {
  outcome: 'completed',
  brokenOffIn: null,
  steps: [],
  findings: [],
  console: [],
  story: { trees: { before: [], after: [] }, counts: [] },
  lives: [],
  unmodelled: null,
  assumed: [],
  observed: { states: [], happenings: [] },
}
