// SPDX-License-Identifier: GPL-2.0-only
import { currentMachine } from '../machine/machine.ts'
import { reportUseAfterFree, type SlabRecord } from '../mm/slab-record.ts'

/** A stretch of kernel memory that holds bytes: a kmalloc'd buffer, the device tree blob, a string literal. */
export class Memory {
  bytes: Uint8Array
  /** Read-only data: a write faults. */
  readonly readonly: boolean
  slab: SlabRecord | null = null
  /** What the memory held before it was freed and overwritten; for inspection. */
  bytesBeforeFree: Uint8Array | null = null

  constructor(bytes: Uint8Array, readonly: boolean) {
    this.bytes = bytes
    this.readonly = readonly
  }
}

/**
 * A `char *` or `void *` to bytes: a place in a stretch of memory. Copying the pointer shares the bytes, so a write
 * through one is seen through all. A copied pointer is the same object, so that `===` tells copies.
 */
export class cstr {
  readonly memory: Memory
  readonly offset: number

  constructor(memory: Memory, offset: number) {
    this.memory = memory
    this.offset = offset
  }
}

/** A `const char *` parameter: a pointer, or a literal written in the source. */
export type const_char_ptr = cstr | string

/** The bytes of a text, one a character (Latin-1), with a terminator if asked for. */
export function toBytes(text: string, terminated = true): Uint8Array {
  const bytes = new Uint8Array(terminated ? text.length + 1 : text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

/** Most characters that a text is put together from at once: each is an argument of a call. */
const piece = 4096

/** The text whose characters are these bytes. */
export function fromBytes(bytes: Uint8Array): string {
  if (bytes.length <= piece) return Reflect.apply(String.fromCharCode, null, bytes) as string
  return fromBytes(bytes.subarray(0, piece)) + fromBytes(bytes.subarray(piece))
}

/** A string literal in read-only data. */
export function literal(text: string): cstr {
  return new cstr(new Memory(toBytes(text), true), 0)
}

/** The bytes that a read through `p` sees; inspection sees what freed memory held. */
function bytesOf(p: cstr): Uint8Array {
  const record = p.memory.slab
  if (record?.freed !== true) return p.memory.bytes
  const machine = currentMachine()
  if (machine.inspecting && machine.trial === null) return p.memory.bytesBeforeFree ?? p.memory.bytes
  reportUseAfterFree(record, 'bytes', 'read')
  return p.memory.bytes
}

/** Reads one byte. Freed memory is a use-after-free and reads as the allocator left it; beyond the end reads 0. */
export function readByte(p: cstr, index: number): number {
  const at = p.offset + index
  return bytesOf(p)[at] ?? 0
}

/** Copies `count` bytes out of kernel memory. */
export function readBytes(p: cstr, count: number): Uint8Array {
  return bytesOf(p).slice(p.offset, p.offset + count)
}

/** The number made of four bytes, the most significant one first. */
function word(a = 0, b = 0, c = 0, d = 0): number {
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}

/** The 32-bit number at `p + offset`; what lies beyond the memory reads as 0. */
export function readWord(p: cstr, offset: number, endian: 'big' | 'little'): number {
  const bytes = bytesOf(p)
  const at = p.offset + offset
  return endian === 'big'
    ? word(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3])
    : word(bytes[at + 3], bytes[at + 2], bytes[at + 1], bytes[at])
}

/** The string at `p` as JavaScript text, up to its terminator or the end of its memory. */
export function text(p: const_char_ptr): string {
  if (typeof p === 'string') return p
  const bytes = bytesOf(p)
  const end = bytes.indexOf(0, p.offset)
  return fromBytes(bytes.subarray(p.offset, end < 0 ? bytes.length : end))
}
