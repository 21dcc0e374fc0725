// SPDX-License-Identifier: GPL-2.0-only

/**
 * How C sees memory: pointers have 64 bits and look like those of a ppc64 kernel. A data pointer's lower half is
 * the address in WebAssembly's memory; a function pointer's lower half is 16 times the index in the table.
 */
export const dataBase = 0xc000000000000000n

/** See {@link dataBase}. */
export const functionBase = 0xc000000100000000n

/** Bytes between two function pointers. */
export const functionStride = 16

/**
 * Shadow memory has a byte for 8 bytes of memory, as KASAN's has: 0, all may be touched; 1 to 7, only so many;
 * anything above, none, and the value says why. The owner of the memory may use other values for its reasons.
 */
export const shadowStackRedzone = 0xf1

/** Bytes before a variable on the stack that may not be touched. The first four are the variable's number. */
export const stackRedzone = 16

/** Value types of WebAssembly that C needs: integers up to 32 bits, and the others. */
export type WasmType = 'i32' | 'i64'

/**
 * A function type. Integers up to 32 bits are `i32`, zero-extended; up to 64 bits and pointers `i64`; wider ones
 * and structures several values. A function with `...` has one `i64` more: the address of its variadic arguments,
 * each in a slot of 8 bytes.
 */
export interface Signature {
  readonly parameters: readonly WasmType[]
  readonly results: readonly WasmType[]
}

/** Name of a function that the machine supplies to code itself; {@link runtimeSignatures} says what each does. */
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
 * Functions that every image imports from the machine it runs on, by name. Those that must not return throw.
 *
 * - `badAccess(address, size, write)`: the shadow forbids an access. Returning lets it happen if it is inside memory.
 * - `badRange(address, length, write)`: the same for `memcpy` and the like; some byte of the range is forbidden.
 * - `badCall(pointer)`: a call through what is no function pointer. Must not return.
 * - `warn(file, line, flags)`: a trap with an entry in the bug table. Bit 0 of `flags` (BUGFLAG_WARNING) means WARN,
 *   and the call returns; otherwise BUG, and it must not.
 * - `trap()`: a trap without an entry. Must not return.
 * - `untranslated(index)`: code that could not be translated is reached; see `Image.untranslated`. Must not return.
 * - `stackOverflow()`: a frame does not fit. Must not return.
 * - `readRegister(number)` / `writeRegister(number, value)`: special purpose registers by their number; 65536 is
 *   the machine state register.
 * - `enter(watch, a, b, c, d)` / `leave(watch, result)`: around a watched function or indirect call; see
 *   `Image.watchpoints`. Arguments are zero-extended; those that there are not are 0.
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

/** The machine state register's number for `readRegister`. */
export const machineStateRegister = 65536

/**
 * Functions in WebAssembly that every image has for its code.
 *
 * - `read1` to `write8`: check an access by the shadow, and give the address in WebAssembly's memory.
 * - `readRange`, `writeRange`: check a range of any length.
 * - `copy`, `fill`: `memmove` and `memset` with checked ranges.
 * - `present(address, size)`: 1 if the access lies inside C's memory, whatever the shadow says.
 * - `callee`: the index in the table that a function pointer means.
 * - `guard(address, size, variable)`: forbids what lies before and after a variable on the stack.
 * - `unguard(address, size)`: allows all of a frame again.
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

/** Types of the helpers. */
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
  /** The upper 64 bits of an unsigned product. */
  multiplyHigh: { parameters: ['i64', 'i64'], results: ['i64'] },
}
