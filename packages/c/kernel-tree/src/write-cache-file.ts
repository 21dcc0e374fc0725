// SPDX-License-Identifier: GPL-2.0-only
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Writes a file of a cache folder in one step, so that no reader sees a part of it. If the file system refuses, the
 * file is not written, and the next run only takes longer.
 */
export async function writeCacheFile(file: string, content: string | Uint8Array): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(draft, content)
    await rename(draft, file)
  } catch (fault) {
    await rm(draft, { force: true }).catch(() => undefined)
    if (!(fault instanceof Error) || !('syscall' in fault)) throw fault
  }
}
