// SPDX-License-Identifier: GPL-2.0-only
import { kasanStackRedzone, stackRedzone } from '@pfo-workbench/object'
import { bulkFill, type Emitter, op } from '@pfo-workbench/object/wasm'
import type { HelperLayout } from './helper-layout.ts'

/** Fills the shadow of granules with a value. `push` pushes the start address, `pushCount` the number of granules. */
function emitShadowFill(
  emitter: Emitter,
  layout: HelperLayout,
  push: () => void,
  value: number,
  pushCount: () => void,
): void {
  push()
  emitter.i32(3)
  emitter.op(op.i32ShrU)
  emitter.i32(layout.shadow)
  emitter.op(op.i32Add)
  emitter.i32(value)
  pushCount()
  emitter.op(op.bulk, bulkFill, 0)
}

/**
 * Emits the function that poisons the redzones before and after a variable. The redzone after the variable extends to
 * the next multiple of 16, plus 16 bytes.
 */
export function emitPoisonRedzones(emitter: Emitter, layout: HelperLayout): void {
  const [address, size, variable] = [0, 1, 2]
  const end = emitter.local('i32')
  const before = (): void => {
    emitter.get(address)
    emitter.i32(stackRedzone)
    emitter.op(op.i32Sub)
  }
  before()
  emitter.get(variable)
  emitter.memory(op.i32Store, 0)
  emitShadowFill(emitter, layout, before, kasanStackRedzone, () => emitter.i32(stackRedzone / 8))
  emitter.get(address)
  emitter.get(size)
  emitter.op(op.i32Add)
  emitter.set(end)
  // The last granule of the variable is partially accessible.
  emitter.get(size)
  emitter.i32(7)
  emitter.op(op.i32And)
  emitter.block(op.if)
  emitter.get(end)
  emitter.i32(3)
  emitter.op(op.i32ShrU)
  emitter.get(size)
  emitter.i32(7)
  emitter.op(op.i32And)
  emitter.memory(op.i32Store8, layout.shadow)
  emitter.op(op.end)
  const alignedEnd = (alignment: number): void => {
    emitter.get(end)
    emitter.i32(alignment - 1)
    emitter.op(op.i32Add)
    emitter.i32(-alignment)
    emitter.op(op.i32And)
  }
  emitShadowFill(
    emitter,
    layout,
    () => alignedEnd(8),
    kasanStackRedzone,
    () => {
      alignedEnd(16)
      emitter.i32(16)
      emitter.op(op.i32Add)
      alignedEnd(8)
      emitter.op(op.i32Sub)
      emitter.i32(3)
      emitter.op(op.i32ShrU)
    },
  )
}

/** Emits the function that makes a frame and its redzones accessible again. */
export function emitClearRedzones(emitter: Emitter, layout: HelperLayout): void {
  emitShadowFill(
    emitter,
    layout,
    () => emitter.get(0),
    0,
    () => {
      emitter.get(1)
      emitter.i32(3)
      emitter.op(op.i32ShrU)
    },
  )
}
