// SPDX-License-Identifier: GPL-2.0-only
import type { DataLayout, IrFunction, IrModule, Value } from '@pfo-workbench/ir'
import type { ConstantValues } from './constant-values.ts'
import type { FrameLayout } from './frame.ts'
import type { WasmType } from '../signature.ts'
import type { Emitter } from '../wasm/emitter.ts'
import type { Flow } from '../wasm/flow.ts'

/** State that the functions of a file share during translation. */
export interface UnitContext {
  readonly module: IrModule
  readonly layout: DataLayout
  /** True if the target is big-endian. */
  readonly bigEndian: boolean
  /** Registers code that cannot be translated, and returns its number. */
  untranslated(functionName: string, line: number, reason: string): number
  /** Registers a stack variable with redzones, and returns its number. */
  stackVariable(functionName: string, name: string, size: number): number
  /** Number of a function whose indirect calls are watched, or null. */
  indirectWatch(functionName: string): number | null
  /** Records a piece of inline assembler. */
  assembler(text: string): void
}

/** The locals that hold the parts of an IR value. */
export interface ValueLocals {
  readonly types: readonly WasmType[]
  readonly locals: readonly number[]
}

/** A function during translation. */
export interface FunctionContext {
  readonly unit: UnitContext
  readonly source: IrFunction
  readonly emitter: Emitter
  readonly flow: Flow
  readonly frame: FrameLayout
  /** Local with the address of the frame in WebAssembly memory. */
  readonly framePointer: number
  /** Local with the stack pointer of the caller. */
  readonly callerStack: number
  /** Parameter with the address of the variadic arguments, or null. */
  readonly variadicParameter: number | null
  /** IR values by name. */
  readonly held: ReadonlyMap<string, ValueLocals>
  /** Variables that are kept in locals, by name. */
  readonly variables: ReadonlyMap<string, ValueLocals>
  readonly constants: ConstantValues
  /** Position of a block by name. */
  readonly blockIndex: ReadonlyMap<string, number>
  /** Source line of the current instruction. */
  line: number
  /** Pushes the parts of a value. @throws Untranslatable */
  push(value: Value): void
  /** Locals that hold a value, read-only. Creates new ones if the value has none. @throws Untranslatable */
  hold(value: Value): readonly number[]
}
