// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'

const wasmTypeSchema = z.enum(['i32', 'i64'])

/** WebAssembly types that C needs: `i32` for integers up to 32 bits, `i64` for the rest. */
export type WasmType = z.output<typeof wasmTypeSchema>

const wasmTypes = z.array(wasmTypeSchema).readonly()

/** Schema of {@link Signature}. */
export const signatureSchema = z.strictObject({ parameters: wasmTypes, results: wasmTypes }).readonly()

/**
 * Type of a function. Integers up to 32 bits are a zero-extended `i32`; integers up to 64 bits and pointers are `i64`;
 * wider integers and structures are several values. A variadic function has one more `i64`: the address of its variadic
 * arguments, which have a slot of 8 bytes each.
 */
export type Signature = z.output<typeof signatureSchema>
