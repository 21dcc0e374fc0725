// SPDX-License-Identifier: GPL-2.0-only
import { dataBase } from '@pfo-workbench/object'
import { type Emitter, op } from '@pfo-workbench/object/wasm'

/** What the code of helpers depends on. */
export interface HelperLayout {
  /** Bytes of C's memory. */
  readonly memorySize: number
  /** Where shadow memory begins. */
  readonly shadow: number
  /** Entries of the function table. */
  readonly tableSize: number
}

/** Pushes the distance of the pointer in a local from the start of memory, as an i64. */
export function pushDistance(emitter: Emitter, pointer: number): void {
  emitter.get(pointer)
  emitter.i64(BigInt.asIntN(64, -dataBase))
  emitter.op(op.i64Add)
}

/** Pushes the shadow of an address, which the code of `push` pushes. */
export function pushShadow(emitter: Emitter, layout: HelperLayout, push: () => void): void {
  push()
  emitter.i32(3)
  emitter.op(op.i32ShrU)
  emitter.memory(op.i32Load8U, layout.shadow)
}
