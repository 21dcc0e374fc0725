// SPDX-License-Identifier: GPL-2.0-only
import { readInput, standardInput, type ReadOptions } from '@pfo-workbench/patch/files'
import { formatStderrLine } from './stderr-line.ts'

const known = new Map<string, Promise<Uint8Array>>()

/** Milliseconds to wait for a pipe before a message says so. */
const patience = 2000

/**
 * Reads a file, a pipe or stdin. A pipe without a writer, or a terminal as stdin, may never deliver anything: after a
 * while, a message on stderr says what the command waits for.
 */
export async function readWithNotice(input: string, options: ReadOptions = {}): Promise<Uint8Array> {
  const name = input === standardInput ? 'stdin' : input
  const timer = setTimeout(() => {
    process.stderr.write(formatStderrLine(`waiting for the end of ${name}; Ctrl-C stops`))
  }, patience)
  try {
    return await readInput(input, options)
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Reads a file, a pipe or stdin once and caches the content: a pipe cannot be read twice, and several parts of a
 * command need the same patch.
 */
export async function readOnce(input: string): Promise<Uint8Array> {
  let bytes = known.get(input)
  if (bytes === undefined) known.set(input, (bytes = readWithNotice(input)))
  return bytes
}
