// SPDX-License-Identifier: GPL-2.0-only
import { currentMachine } from '../machine/machine.ts'
import { reportUseAfterFree, type SlabRecord } from '../mm/slab-record.ts'

/** A block of kernel memory that holds bytes: a kmalloc'd buffer, the device tree blob or a string literal. */
export class Memory {
  bytes: Uint8Array
  /** Read-only data: a write faults. */
  readonly readonly: boolean
  slab: SlabRecord | null = null
  /** Content before the memory was freed and poisoned. For inspection only. */
  bytesBeforeFree: Uint8Array | null = null

  constructor(bytes: Uint8Array, readonly: boolean) {
    this.bytes = bytes
    this.readonly = readonly
  }
}

/**
 * A `char *` or `void *` to bytes: a block of memory and an offset into it. A write through one pointer is visible
 * through all pointers to the same bytes. Copying a pointer copies the JavaScript reference, so `===` is true for
 * copies.
 */
export class cstr {
  readonly memory: Memory
  readonly offset: number

  constructor(memory: Memory, offset: number) {
    this.memory = memory
    this.offset = offset
  }
}

/** A `const char *` parameter: a pointer, or a literal in the source. */
export type const_char_ptr = cstr | string

/** Converts text to bytes, one per character (Latin-1), with a terminating NUL unless `terminated` is false. */
export function toBytes(text: string, terminated = true): Uint8Array {
  const bytes = new Uint8Array(terminated ? text.length + 1 : text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

/** Maximum number of bytes that one call of `String.fromCharCode` converts: each byte is an argument. */
const piece = 4096

/** Converts bytes to text, one character per byte. */
export function fromBytes(bytes: Uint8Array): string {
  if (bytes.length <= piece) return Reflect.apply(String.fromCharCode, null, bytes) as string
  return fromBytes(bytes.subarray(0, piece)) + fromBytes(bytes.subarray(piece))
}

/** Returns a pointer to a string literal in read-only data. */
export function literal(text: string): cstr {
  return new cstr(new Memory(toBytes(text), true), 0)
}

/**
 * Returns the bytes that a read through `p` sees. Inspection sees freed memory as it was before it was freed. Any other
 * read of freed memory is reported as a use after free.
 */
function bytesOf(p: cstr): Uint8Array {
  const record = p.memory.slab
  if (record?.freed !== true) return p.memory.bytes
  const machine = currentMachine()
  if (machine.inspecting && machine.trial === null) return p.memory.bytesBeforeFree ?? p.memory.bytes
  reportUseAfterFree(record, 'bytes', 'read')
  return p.memory.bytes
}

/**
 * Reads one byte. A read of freed memory is a use-after-free and returns what the allocator left there. A read beyond
 * the end returns 0.
 */
export function readByte(p: cstr, index: number): number {
  const at = p.offset + index
  return bytesOf(p)[at] ?? 0
}

/** Copies `count` bytes out of kernel memory. Returns fewer bytes if the memory ends earlier. */
export function readBytes(p: cstr, count: number): Uint8Array {
  return bytesOf(p).slice(p.offset, p.offset + count)
}

/** Combines four bytes into a 32-bit number, most significant byte first. */
function wordOf(a = 0, b = 0, c = 0, d = 0): number {
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}

/** Reads the 32-bit number at `p + offset`. Bytes beyond the end of the memory read as 0. */
export function readWord(p: cstr, offset: number, endian: 'big' | 'little'): number {
  const bytes = bytesOf(p)
  const at = p.offset + offset
  return endian === 'big'
    ? wordOf(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3])
    : wordOf(bytes[at + 3], bytes[at + 2], bytes[at + 1], bytes[at])
}

/** Returns the string at `p` as JavaScript text, up to its terminator or the end of its memory. */
export function text(p: const_char_ptr): string {
  if (typeof p === 'string') return p
  const bytes = bytesOf(p)
  const end = bytes.indexOf(0, p.offset)
  return fromBytes(bytes.subarray(p.offset, end < 0 ? bytes.length : end))
}
