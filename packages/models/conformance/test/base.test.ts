// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  compareFacts,
  differenceLines,
  fixturesFolder,
  jobOf,
  readRecordings,
  type ReplayedRun,
} from '../src/index.ts'
import { play } from '../src/replay-engine.ts'

describe('the unpatched models behave like the recorded kernel', () => {
  for (const recording of readRecordings(join(fixturesFolder, 'base')).recordings) {
    it(`in ${recording.scenario}`, () => {
      const run = JSON.parse(play(JSON.stringify(jobOf(recording)))) as ReplayedRun
      const comparison = compareFacts(recording, run)
      expect(differenceLines(comparison).join('\n')).toBe('')
      expect(comparison.compared).toBeGreaterThan(100)
    })
  }
})
