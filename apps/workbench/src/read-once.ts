// SPDX-License-Identifier: GPL-2.0-only
import { readInput } from '@pfo-workbench/patch/files'

const known = new Map<string, Promise<Uint8Array>>()

/** Reads a file, a pipe or stdin. A pipe can be read only once, and several parts of a command look at the same patch. */
export async function readOnce(input: string): Promise<Uint8Array> {
  let bytes = known.get(input)
  if (bytes === undefined) known.set(input, (bytes = readInput(input)))
  return bytes
}
