// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeCacheFile } from '@pfo-workbench/kernel-tree'

/** Length of the SHA-256 digest at the start of a cache file. */
const digestLength = 32

const digestOf = (content: Uint8Array): Buffer => createHash('sha256').update(content).digest()

/** Writes a file of a cache folder with a digest, by which `readIntact` notices damage. */
export async function writeIntact(file: string, content: Uint8Array): Promise<void> {
  await writeCacheFile(file, Buffer.concat([digestOf(content), content]))
}

/** The content of a file that `writeIntact` wrote; null if there is none or it was damaged. */
export async function readIntact(file: string): Promise<Buffer | null> {
  const bytes = await readFile(file).catch(() => null)
  const content = bytes?.subarray(digestLength)
  return content !== undefined && bytes?.subarray(0, digestLength).equals(digestOf(content)) === true
    ? content
    : null
}
