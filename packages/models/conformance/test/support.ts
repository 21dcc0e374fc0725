// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  compareFacts,
  type ReplayComparison,
  fixturesFolder,
  jobOf,
  type Recording,
  type ReplayedRun,
} from '../src/index.ts'
import { parseRecording } from '../src/recording.ts'
import { play } from '../src/replay-engine.ts'

/** The lines of a fixture, as JSON values that a test may change. */
export function recordedLines(name: string): Record<string, unknown>[] {
  const content = readFileSync(join(fixturesFolder, `${name}.jsonl`), 'utf8')
  return content
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Parses a recording from lines. */
export function recordingOf(lines: readonly unknown[], file = 'test.jsonl'): Recording {
  return parseRecording(file, lines.map((line) => JSON.stringify(line)).join('\n'))
}

/** Replays a recording on the models. */
export function replay(recording: Recording): ReplayedRun {
  return JSON.parse(play(JSON.stringify(jobOf(recording)))) as ReplayedRun
}

/** Replays a recording and compares it with the recording after `change` modified its lines. */
export function compareWith(
  name: string,
  change: (lines: Record<string, unknown>[]) => void,
): ReplayComparison {
  const lines = recordedLines(name)
  const run = replay(recordingOf(lines))
  change(lines)
  return compareFacts(recordingOf(lines), run)
}
