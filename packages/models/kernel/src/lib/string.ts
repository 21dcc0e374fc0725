// SPDX-License-Identifier: GPL-2.0-only
import { cstr, readByte, readBytes, readWord, text, toBytes, type const_char_ptr } from '../c/bytes.ts'
import { oops } from '../kernel/oops.ts'
import { currentMachine, undoAfterTrial } from '../machine/machine.ts'
import { followPointer } from '../c/pointer.ts'
import { GFP_KERNEL, kmalloc, type gfp_t } from '../mm/slab.ts'
import { reportUseAfterFree } from '../mm/slab-record.ts'
import { vsnprintf, type FormatArgument } from './vsprintf.ts'

// String and memory functions on pointers into kernel memory. Only `kstrdup` accepts NULL; elsewhere NULL is an Oops.

/** Models `strlen` (lib/string.c, v4.18). */
export function strlen(s: const_char_ptr | null): number {
  return text(followPointer(s)).length
}

/** Models `strcmp` (lib/string.c, v4.18). */
export function strcmp(a: const_char_ptr | null, b: const_char_ptr | null): number {
  return compareTexts(text(followPointer(a)), text(followPointer(b)))
}

/** Models `strncmp` (lib/string.c, v4.18). */
export function strncmp(a: const_char_ptr | null, b: const_char_ptr | null, count: number): number {
  return compareTexts(text(followPointer(a)).slice(0, count), text(followPointer(b)).slice(0, count))
}

/**
 * Models `sysfs_streq` (lib/string.c, v4.18): true if two strings are equal, ignoring a trailing newline of one of
 * them.
 */
export function sysfs_streq(s1: const_char_ptr, s2: const_char_ptr): boolean {
  const [a, b] = [s1, s2].map((s) => text(s).split('\0', 1)[0] ?? '')
  return a === b || `${String(a)}\n` === b || a === `${String(b)}\n`
}

/** Models `strcasecmp` (lib/string.c, v4.18). */
export function strcasecmp(a: const_char_ptr | null, b: const_char_ptr | null): number {
  return compareTexts(text(followPointer(a)).toLowerCase(), text(followPointer(b)).toLowerCase())
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/**
 * Prepares a write to the memory of `p`. A write to read-only memory is an Oops. A write to freed memory is recorded as
 * a use-after-free and then takes effect. In a trial, saves the bytes, which are restored at the end of the trial.
 */
function touchForWriting(p: cstr): void {
  if (p.memory.readonly) oops('Unable to handle kernel paging request for data at address <rodata>')
  const record = p.memory.slab
  if (record?.freed === true) reportUseAfterFree(record, 'bytes', 'write')
  if (currentMachine().trial === null) return
  const { memory } = p
  const before = memory.bytes.slice()
  undoAfterTrial(() => {
    memory.bytes.set(before)
  })
}

/**
 * Writes one byte at `p + index`. A write to read-only memory is an Oops, a write to freed memory is a use-after-free,
 * and a write beyond the end of the memory has no effect.
 */
export function writeByte(p: cstr, index: number, value: number): void {
  touchForWriting(p)
  p.memory.bytes[p.offset + index] = value
}

/**
 * Models `memset` (lib/string.c, v4.18): fills `count` bytes. The change is visible through every pointer to these
 * bytes. Writes nothing beyond the end of the memory.
 */
export function memset(s: cstr, value: number, count: number): cstr {
  if (count > 0) {
    touchForWriting(s)
    s.memory.bytes.fill(value, s.offset, s.offset + count)
  }
  return s
}

/**
 * Models `memcpy` (lib/string.c, v4.18). If the source has fewer than `count` bytes, the missing bytes are 0.
 * Writes nothing beyond the end of the target.
 */
export function memcpy(to: cstr, from: cstr | Uint8Array, count: number): cstr {
  const bytes = from instanceof Uint8Array ? from : readBytes(from, count)
  if (count > 0) {
    touchForWriting(to)
    const target = to.memory.bytes.subarray(to.offset, to.offset + count)
    target.fill(0, bytes.length)
    target.set(bytes.subarray(0, target.length))
  }
  return to
}

/** Models `memcmp` (lib/string.c, v4.18). Bytes beyond the end of either memory read as 0. */
export function memcmp(a: cstr, b: cstr, count: number): number {
  for (let i = 0; i < count; i++) {
    const difference = readByte(a, i) - readByte(b, i)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * Models `kstrdup` (mm/util.c, v4.18): copies a string into a new allocation, which the caller frees.
 *
 * @returns null if memory is short or `s` is NULL
 */
export function kstrdup(s: const_char_ptr | null, gfp: gfp_t = GFP_KERNEL): cstr | null {
  return s === null ? null : kmemdup(toBytes(text(s)), gfp)
}

/**
 * Models `kasprintf` (lib/kasprintf.c, v4.18): formats a string into a new allocation, which the caller frees. Returns
 * null if memory is short.
 */
export function kasprintf(fmt: string, ...args: readonly FormatArgument[]): cstr | null {
  return kstrdup(vsnprintf(fmt, args))
}

/**
 * Models `kmemdup` (mm/util.c, v4.18): copies bytes into a new allocation, which the caller frees. Returns null if
 * memory is short.
 */
export function kmemdup(source: Uint8Array, gfp: gfp_t = GFP_KERNEL): cstr | null {
  const copy = kmalloc(source.length, gfp)
  if (copy !== null) copy.memory.bytes.set(source)
  return copy
}

/**
 * Models `be32_to_cpup` (include/linux/byteorder/generic.h, v4.18): reads the big-endian 32-bit cell at `p + 4 *
 * index`. Bytes beyond the end of the memory read as 0.
 */
export function be32_to_cpup(p: cstr, index = 0): number {
  return readWord(p, index * 4, 'big')
}

/**
 * Models `le32_to_cpup` (include/linux/byteorder/generic.h, v4.18): reads the little-endian 32-bit cell at `p + 4 *
 * index`. Bytes beyond the end of the memory read as 0.
 */
export function le32_to_cpup(p: cstr, index = 0): number {
  return readWord(p, index * 4, 'little')
}

/** Returns `p` advanced by `count` bytes. */
export function advance(p: cstr, count: number): cstr {
  return count === 0 ? p : new cstr(p.memory, p.offset + count)
}
