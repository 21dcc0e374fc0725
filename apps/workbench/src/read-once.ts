// SPDX-License-Identifier: GPL-2.0-only
import { readInput } from '@pfo-workbench/patch/files'

const known = new Map<string, Promise<Uint8Array>>()

/**
 * Reads a file, a pipe or stdin once and caches the content: a pipe cannot be read twice, and several parts of a
 * command need the same patch.
 */
export async function readOnce(input: string): Promise<Uint8Array> {
  let bytes = known.get(input)
  if (bytes === undefined) known.set(input, (bytes = readInput(input)))
  return bytes
}
