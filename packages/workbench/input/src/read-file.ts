// SPDX-License-Identifier: GPL-2.0-only
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'

/** How what is no regular file is called. */
function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory'
  if (stats.isFIFO()) return 'a pipe'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}

/** Reads from an open file until it ends or `most` bytes are there. */
function readFrom(descriptor: number, most: number): Buffer {
  const chunks: Buffer[] = []
  for (let left = most; left > 0;) {
    const chunk = Buffer.alloc(Math.min(left, 64 * 1024))
    const length = readSync(descriptor, chunk)
    if (length === 0) break
    chunks.push(chunk.subarray(0, length))
    left -= length
  }
  return Buffer.concat(chunks)
}

/**
 * The first bytes of a regular file. Pipes and devices may never give anything, or never end, and whoever waits for them in
 * the middle of a read cannot be interrupted.
 *
 * @param most - how many at the most
 * @throws Error of the file system, or that says what the file is
 */
export function readRegularFile(file: string, most: number): Buffer {
  // Without O_NONBLOCK it would wait here for somebody to write to a pipe.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) throw new Error(`it is ${kindOf(stats)}. Accepted: a regular file`)
    return readFrom(descriptor, most)
  } finally {
    closeSync(descriptor)
  }
}
