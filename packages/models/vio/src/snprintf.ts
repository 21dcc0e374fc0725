// SPDX-License-Identifier: GPL-2.0-only
import { cstr, Memory, sprintf, toBytes, type FormatArgument } from '@pfo-workbench/kernel'

/** `char name[size]` on the stack. */
export function char_array(size: number): cstr {
  return new cstr(new Memory(new Uint8Array(size), false), 0)
}

/**
 * Models `snprintf(buf, sizeof(buf), fmt, ...)` (lib/vsprintf.c, v4.18): truncates the text so that it and its
 * terminator fit.
 *
 * @param buf - an array made by `char_array`
 * @returns the length of the untruncated text, in bytes without terminator
 */
export function snprintf(buf: cstr, fmt: string, ...args: readonly FormatArgument[]): number {
  const { bytes } = buf.memory
  const formatted = toBytes(sprintf(fmt, ...args), false)
  bytes.fill(0)
  bytes.set(formatted.subarray(0, bytes.length - 1))
  return formatted.length
}
