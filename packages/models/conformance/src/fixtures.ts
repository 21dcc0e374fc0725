// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RecordingError } from './recording-error.ts'
import { parseRecording, type Recording } from './recording.ts'

/** The recordings that come with this package: `<variant>/<scenario>.jsonl`. */
export const FIXTURES: string = fileURLToPath(new URL('../fixtures/v4.18', import.meta.url))

/** A file that lies beside the recordings and sums them up. */
const SUMMARY = 'summary.jsonl'

/**
 * Reads every recording below a folder, in order of variant and scenario.
 *
 * @param directory - holds `.jsonl` files, in a folder for each variant or all in one
 * @throws RecordingError for a folder without recordings, and for a file that is none
 */
export function readRecordings(directory: string): Recording[] {
  const files = filesBelow(directory)
  if (files.length === 0) {
    throw new RecordingError(
      directory,
      0,
      'no recordings here; wanted: .jsonl files, such as <variant>/<scenario>.jsonl',
    )
  }
  return files.map((file) => parseRecording(relative(process.cwd(), file), readFileSync(file, 'utf8')))
}

function filesBelow(directory: string): string[] {
  if (!isDirectory(directory)) throw new RecordingError(directory, 0, 'no such folder')
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl') && basename(name) !== SUMMARY)
    .sort()
    .map((name) => join(directory, name))
    .filter((file) => !isDirectory(file))
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
