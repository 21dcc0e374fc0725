// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RecordingError, UnknownActionError } from './recording-error.ts'
import { type NotReplayed, parseRecording, type Recording } from './recording.ts'

/** Folder of the v4.18 recordings of this package, `<variant>/<scenario>.jsonl`. */
export const fixturesFolder: string = fileURLToPath(new URL('../fixtures/v4.18', import.meta.url))

/** The folder of this package's recordings of a kernel version; null if there are none. */
export function fixturesOf({
  major,
  minor,
}: {
  readonly major: number
  readonly minor: number
}): string | null {
  const folder = fileURLToPath(new URL(`../fixtures/v${String(major)}.${String(minor)}`, import.meta.url))
  return isDirectory(folder) ? folder : null
}

/** A file in the same folder that summarises the recordings. */
const summaryFile = 'summary.jsonl'

/** The recordings of a folder. */
export interface RecordingFolder {
  readonly recordings: readonly Recording[]
  /** Recordings with an action that the replay does not support. */
  readonly notReplayed: readonly NotReplayed[]
}

/**
 * Reads all recordings below a folder, in order of their paths.
 *
 * @param directory - has `.jsonl` files, in one folder per variant or all in one
 * @throws RecordingError for a folder without recordings, and for an invalid file
 */
export function readRecordings(directory: string): RecordingFolder {
  const files = filesBelow(directory)
  if (files.length === 0) {
    throw new RecordingError(
      directory,
      0,
      'no recordings; expected: .jsonl files, such as <variant>/<scenario>.jsonl',
    )
  }
  const recordings: Recording[] = []
  const notReplayed: NotReplayed[] = []
  for (const file of files) {
    try {
      recordings.push(parseRecording(relative(process.cwd(), file), readFileSync(file, 'utf8')))
    } catch (error) {
      if (!(error instanceof UnknownActionError)) throw error
      const { variant, scenario, message } = error
      notReplayed.push({ variant, scenario, reason: message })
    }
  }
  return { recordings, notReplayed }
}

function filesBelow(directory: string): string[] {
  if (!isDirectory(directory)) throw new RecordingError(directory, 0, 'no such folder')
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl') && basename(name) !== summaryFile)
    .sort()
    .map((name) => join(directory, name))
    .filter((file) => !isDirectory(file))
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
