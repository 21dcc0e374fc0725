// SPDX-License-Identifier: GPL-2.0-only

/** WebAssembly types that C needs: `i32` for integers up to 32 bits, `i64` for the rest. */
export type WasmType = 'i32' | 'i64'

/**
 * Type of a function. Integers up to 32 bits are a zero-extended `i32`; integers up to 64 bits and pointers are `i64`;
 * wider integers and structures are several values. A variadic function has one more `i64`: the address of its variadic
 * arguments, which have a slot of 8 bytes each.
 */
export interface Signature {
  readonly parameters: readonly WasmType[]
  readonly results: readonly WasmType[]
}
