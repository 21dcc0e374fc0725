// SPDX-License-Identifier: GPL-2.0-only
import { dataBase } from '@pfo-workbench/object'
import { type Emitter, op } from '@pfo-workbench/object/wasm'

/** Layout that the code of helpers depends on. */
export interface HelperLayout {
  /** Size of C's memory in bytes. */
  readonly memorySize: number
  /** Start of shadow memory. */
  readonly shadow: number
  /** Number of entries of the function table. */
  readonly tableSize: number
}

/** Takes the pointer in a local, and pushes its distance from the start of memory as an i64. */
export function pushDistance(emitter: Emitter, pointer: number): void {
  emitter.get(pointer)
  emitter.i64(BigInt.asIntN(64, -dataBase))
  emitter.op(op.i64Add)
}

/** Pushes the shadow of the address that `push` pushes. */
export function pushShadow(emitter: Emitter, layout: HelperLayout, push: () => void): void {
  push()
  emitter.i32(3)
  emitter.op(op.i32ShrU)
  emitter.memory(op.i32Load8U, layout.shadow)
}
