// SPDX-License-Identifier: GPL-2.0-only
import type { DataLayout, IrFunction, IrModule, Value } from '@pfo-workbench/ir'
import type { Frame } from './frame.ts'
import type { WasmType } from '../memory-model.ts'
import type { Emitter } from '../wasm/emitter.ts'
import type { Flow } from '../wasm/flow.ts'

/** What the functions of a file share while they are translated. */
export interface UnitContext {
  readonly module: IrModule
  readonly layout: DataLayout
  /** Whether numbers in memory have their high byte first. */
  readonly bigEndian: boolean
  /** Number of a piece of code that cannot be translated. */
  untranslated(functionName: string, line: number, reason: string): number
  /** Number of a variable with redzones. */
  stackVariable(functionName: string, name: string, size: number): number
  /** Number of a function whose indirect calls are watched, or null. */
  indirectWatch(functionName: string): number | null
  /** Notes a text of inline assembler. */
  assembler(text: string): void
}

/** The locals that hold a value of IR, part by part. */
export interface Held {
  readonly types: readonly WasmType[]
  readonly locals: readonly number[]
}

/** A function while it is translated. */
export interface FunctionContext {
  readonly unit: UnitContext
  readonly source: IrFunction
  readonly emitter: Emitter
  readonly flow: Flow
  readonly frame: Frame
  /** Local of the frame's address in WebAssembly's memory. */
  readonly framePointer: number
  /** Local of the stack pointer of the caller. */
  readonly callerStack: number
  /** The parameter that holds the address of variadic arguments, or null. */
  readonly variadicParameter: number | null
  /** Values of IR by name. */
  readonly held: ReadonlyMap<string, Held>
  /** Variables that are locals. */
  readonly variables: ReadonlyMap<string, Held>
  /** Position of a block by name. */
  readonly blockIndex: ReadonlyMap<string, number>
  /** Line of the instruction that is being translated. */
  line: number
  /** Pushes the parts of a value. @throws Untranslatable */
  push(value: Value): void
  /** The locals that hold a value, for reading only; new ones where it has none. @throws Untranslatable */
  hold(value: Value): readonly number[]
}
