// SPDX-License-Identifier: GPL-2.0-only
import { closeSync, openSync, readSync } from 'node:fs'

/**
 * The first bytes of a file, which may be a device or a pipe that never ends.
 *
 * @param most - how many at the most
 * @throws Error of the file system
 */
export function readBeginning(file: string, most: number): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const chunks: Buffer[] = []
    for (let left = most; left > 0;) {
      const chunk = Buffer.alloc(Math.min(left, 64 * 1024))
      const length = readSync(descriptor, chunk)
      if (length === 0) break
      chunks.push(chunk.subarray(0, length))
      left -= length
    }
    return Buffer.concat(chunks)
  } finally {
    closeSync(descriptor)
  }
}
