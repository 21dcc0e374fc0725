// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeCacheFile } from '@pfo-workbench/kernel-tree'

/** Length of the SHA-256 of the content, with which a file of the cache begins. */
const digestLength = 32

const digestOf = (content: Uint8Array): Buffer => createHash('sha256').update(content).digest()

/** Writes a file of a cache folder such that damage to it will be noticed. */
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
