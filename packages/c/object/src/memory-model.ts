// SPDX-License-Identifier: GPL-2.0-only
import type { Signature } from './signature.ts'

/**
 * C's view of memory. Pointers have 64 bits and look like those of a ppc64 kernel. The lower half of a data pointer is
 * an address in WebAssembly memory. The lower half of a function pointer is 16 times its index in the table.
 */
export const dataBase = 0xc000000000000000n

/** Base of function pointers; see {@link dataBase}. */
export const functionBase = 0xc000000100000000n

/** Distance between adjacent function pointers, in bytes. */
export const functionStride = 16

/**
 * Marks the redzone of a stack variable. Shadow memory has one byte for 8 bytes of memory, like KASAN:
 *
 * - 0: all 8 bytes are accessible
 * - 1 to 7: only that many leading bytes are accessible
 * - larger: none is accessible, and the value gives the reason; the linker and the machine define more reasons
 */
export const kasanStackRedzone = 0xf1

/** Size of the redzone before a stack variable, in bytes. Its first four bytes hold the variable's number. */
export const stackRedzone = 16

/** Name of a function that the machine provides; see {@link runtimeSignatures}. */
export type RuntimeName =
  | 'badAccess'
  | 'badRange'
  | 'badCall'
  | 'warn'
  | 'trap'
  | 'untranslated'
  | 'stackOverflow'
  | 'readRegister'
  | 'writeRegister'
  | 'enter'
  | 'leave'

/**
 * Functions that every image imports from its machine, by name. A function that must not return throws.
 *
 * - `badAccess(address, size, write)`: the shadow forbids an access. If the function returns, the access uses the lower
 *   half of the address, and traps if that is outside of WebAssembly memory.
 * - `badRange(address, length, write)`: the same for `memcpy` and similar functions; some byte of the range is
 *   forbidden.
 * - `badCall(pointer)`: a call through an invalid function pointer. Must not return.
 * - `warn(file, line, flags)`: a trap with an entry in the bug table. If bit 0 of `flags` (BUGFLAG_WARNING) is set,
 *   this is a WARN and the function returns. Otherwise it is a BUG, and the function must not return.
 * - `trap()`: a trap without an entry in the bug table, a call of a symbol that is not a function, or a computed goto
 *   to an unknown address. Must not return.
 * - `untranslated(index)`: execution reached code that could not be translated; see `Image.untranslated`. Must not
 *   return.
 * - `stackOverflow()`: a frame does not fit. Must not return.
 * - `readRegister(number)` / `writeRegister(number, value)`: special purpose registers by number; 65536 is the machine
 *   state register.
 * - `enter(watch, a, b, c, d)` / `leave(watch, result)`: around a watched function or indirect call; see
 *   `Image.watchpoints`. `a` to `d` are the first four arguments. For an indirect call, `a` is the function pointer,
 *   and the first three arguments follow. Arguments are zero-extended; missing arguments are 0.
 */
export const runtimeSignatures: Readonly<Record<RuntimeName, Signature>> = {
  badAccess: { parameters: ['i64', 'i32', 'i32'], results: [] },
  badRange: { parameters: ['i64', 'i64', 'i32'], results: [] },
  badCall: { parameters: ['i64'], results: [] },
  warn: { parameters: ['i64', 'i32', 'i32'], results: [] },
  trap: { parameters: [], results: [] },
  untranslated: { parameters: ['i32'], results: [] },
  stackOverflow: { parameters: [], results: [] },
  readRegister: { parameters: ['i32'], results: ['i64'] },
  writeRegister: { parameters: ['i32', 'i64'], results: [] },
  enter: { parameters: ['i32', 'i64', 'i64', 'i64', 'i64'], results: [] },
  leave: { parameters: ['i32', 'i64'], results: [] },
}

/** Number of the machine state register for `readRegister`. */
export const machineStateRegister = 65536

/**
 * WebAssembly functions that the linker adds to an image whose code calls them.
 *
 * - `read1` to `write8`: check an access against the shadow, and return the address in WebAssembly memory.
 * - `readRange`, `writeRange`: check a range of any length.
 * - `copy`, `fill`: `memmove` and `memset` with checked ranges.
 * - `present(address, size)`: 1 if the access is inside C's memory, regardless of the shadow.
 * - `callee`: converts a function pointer to its index in the table. Calls `badCall` if the pointer is invalid.
 * - `guard(address, size, variable)`: forbids access to the redzones around a stack variable.
 * - `unguard(address, size)`: allows access to a whole frame again.
 * - `swap32`, `swap64`: reverse the bytes of a number.
 */
export type HelperName =
  | 'read1'
  | 'read2'
  | 'read4'
  | 'read8'
  | 'write1'
  | 'write2'
  | 'write4'
  | 'write8'
  | 'readRange'
  | 'writeRange'
  | 'copy'
  | 'fill'
  | 'present'
  | 'callee'
  | 'guard'
  | 'unguard'
  | 'swap32'
  | 'swap64'
  | 'multiplyHigh'

const access: Signature = { parameters: ['i64'], results: ['i32'] }

/** Signatures of the helpers. An i64 address is a C pointer; an i32 address is one in WebAssembly memory. */
export const helperSignatures: Readonly<Record<HelperName, Signature>> = {
  read1: access,
  read2: access,
  read4: access,
  read8: access,
  write1: access,
  write2: access,
  write4: access,
  write8: access,
  readRange: { parameters: ['i64', 'i64'], results: [] },
  writeRange: { parameters: ['i64', 'i64'], results: [] },
  copy: { parameters: ['i64', 'i64', 'i64'], results: [] },
  fill: { parameters: ['i64', 'i32', 'i64'], results: [] },
  present: { parameters: ['i64', 'i32'], results: ['i32'] },
  callee: { parameters: ['i64'], results: ['i32'] },
  guard: { parameters: ['i32', 'i32', 'i32'], results: [] },
  unguard: { parameters: ['i32', 'i32'], results: [] },
  swap32: { parameters: ['i32'], results: ['i32'] },
  swap64: { parameters: ['i64'], results: ['i64'] },
  /** Upper 64 bits of an unsigned product. */
  multiplyHigh: { parameters: ['i64', 'i64'], results: ['i64'] },
}
