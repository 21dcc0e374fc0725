// SPDX-License-Identifier: GPL-2.0-only
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { whyUnreadable } from '@pfo-workbench/errors'

/** Name of a file type other than a regular file. */
function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory'
  if (stats.isFIFO()) return 'a pipe'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}

/** Runs `work` on a file and rewords errors of the system. */
function withReason<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new Error(whyUnreadable(cause), { cause })
  }
}

/** Reads from an open file up to its end or up to `maxBytes` bytes. */
function readFrom(descriptor: number, maxBytes: number): Buffer {
  const chunks: Buffer[] = []
  for (let left = maxBytes; left > 0;) {
    const chunk = Buffer.alloc(Math.min(left, 64 * 1024))
    const length = readSync(descriptor, chunk)
    if (length === 0) break
    chunks.push(chunk.subarray(0, length))
    left -= length
  }
  return Buffer.concat(chunks)
}

/**
 * Reads the first bytes of a regular file. Refuses pipes and devices: they may never return data or never end, and a
 * blocked read cannot be interrupted.
 *
 * @param maxBytes - maximum number of bytes to read
 * @throws Error that says why it cannot be read, or what the file is
 */
export function readRegularFile(file: string, maxBytes: number): Buffer {
  return withReason(() => {
    // Without O_NONBLOCK, opening a pipe blocks until a writer opens it.
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = fstatSync(descriptor)
      if (!stats.isFile()) throw new Error(`it is ${kindOf(stats)}. Accepted: a regular file`)
      return readFrom(descriptor, maxBytes)
    } finally {
      closeSync(descriptor)
    }
  })
}
