// SPDX-License-Identifier: GPL-2.0-only
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { whyUnreadable } from '@pfo-workbench/errors'
import { PatchError } from './error.ts'
import { patchLimits } from './limits.ts'

/** The name of standard input on a command line. */
export const standardInput = '-'

/** Matches the names of patch files. `b4 am` writes `.mbx`. */
export const patchName: RegExp = /\.(?:patch|diff|mbox|mbx|eml)$/

function unreadable(path: string, reason: string, cause?: unknown): PatchError {
  const fault = new PatchError('unreadable', path, `${path}: ${reason}.`)
  if (cause !== undefined) fault.cause = cause
  return fault
}

/**
 * Expands an argument to inputs: itself, or the patch files of a folder, sorted by name. `git format-patch -o` numbers
 * its files in this order.
 *
 * @throws PatchError `unreadable`
 */
export async function inputsOf(path: string): Promise<string[]> {
  if (path === standardInput) return [path]
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const names = (await readdir(path)).filter((name) => patchName.test(name)).sort()
    if (names.length > 0) return names.map((name) => join(path, name))
  } catch (fault) {
    throw unreadable(path, whyUnreadable(fault), fault)
  }
  throw unreadable(
    path,
    'the folder has no patch. Accepted: a folder with .patch, .diff, .mbox, .mbx or .eml files',
  )
}

/** Options for reading an input. */
export interface ReadOptions {
  /** Maximum number of bytes. One more is read, to detect larger inputs. Default: the limit of patches. */
  readonly maxBytes?: number
  /** Stops waiting for a pipe. */
  readonly signal?: AbortSignal
  /** Default: the standard input of the process. */
  readonly stdin?: Readable
}

/**
 * Reads a patch from a file, a pipe (`<(git diff)`, a FIFO) or standard input (`-`). Waits for pipes. Refuses devices
 * and sockets. Reads at most `maxBytes` + 1 bytes of an endless file, which `parseSeries` refuses as too large.
 *
 * @throws PatchError `unreadable`; the signal's reason if it is aborted
 */
export async function readInput(
  path: string,
  { maxBytes = patchLimits.bytes, signal, stdin = process.stdin }: ReadOptions = {},
): Promise<Uint8Array> {
  signal?.throwIfAborted()
  if (path === standardInput) return readStream(stdin, path, maxBytes, signal)
  let fd
  try {
    // Without O_NONBLOCK, opening a FIFO blocks and cannot be aborted.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (fault) {
    throw unreadable(path, whyUnreadable(fault), fault)
  }
  const kind = fstatSync(fd)
  if (kind.isFIFO()) {
    return readStream(new Socket({ fd, readable: true, writable: false }), path, maxBytes, signal)
  }
  try {
    if (kind.isDirectory()) throw unreadable(path, 'a folder. Accepted: a file')
    if (!kind.isFile()) throw unreadable(path, 'a device. Accepted: a file or a pipe')
    return readRegular(fd, path, maxBytes)
  } finally {
    closeSync(fd)
  }
}

function readRegular(fd: number, path: string, maxBytes: number): Uint8Array {
  const parts: Buffer[] = []
  let length = 0
  try {
    while (length <= maxBytes) {
      const part = Buffer.alloc(Math.min(1 << 16, maxBytes + 1 - length))
      const count = readSync(fd, part)
      if (count === 0) break
      parts.push(part.subarray(0, count))
      length += count
    }
  } catch (fault) {
    throw unreadable(path, whyUnreadable(fault), fault)
  }
  return Buffer.concat(parts)
}

async function readStream(
  stream: Readable,
  path: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let length = 0
  const end = (): void => {
    stream.destroy()
  }
  signal?.addEventListener('abort', end, { once: true })
  try {
    for await (const part of stream) {
      const bytes = Buffer.from(part as Buffer | string)
      parts.push(bytes)
      length += bytes.length
      if (length > maxBytes) break
    }
  } catch (fault) {
    signal?.throwIfAborted()
    throw unreadable(path, whyUnreadable(fault), fault)
  } finally {
    signal?.removeEventListener('abort', end)
    stream.destroy()
  }
  signal?.throwIfAborted()
  return Buffer.concat(parts).subarray(0, maxBytes + 1)
}
