// SPDX-License-Identifier: GPL-2.0-only
import { type Emitter, op } from '@pfo-workbench/object/wasm'

export function emitSwap32(emitter: Emitter): void {
  emitter.get(0)
  emitter.i32(8)
  emitter.op(op.i32Rotl)
  emitter.i32(0x00ff00ff)
  emitter.op(op.i32And)
  emitter.get(0)
  emitter.i32(8)
  emitter.op(op.i32Rotr)
  emitter.i32(0xff00ff00)
  emitter.op(op.i32And, op.i32Or)
}

export function emitSwap64(emitter: Emitter): void {
  emitter.get(0)
  emitter.op(op.i32WrapI64)
  emitter.callRuntime('swap32')
  emitter.op(op.i64ExtendI32U)
  emitter.i64(32n)
  emitter.op(op.i64Shl)
  emitter.get(0)
  emitter.i64(32n)
  emitter.op(op.i64ShrU, op.i32WrapI64)
  emitter.callRuntime('swap32')
  emitter.op(op.i64ExtendI32U, op.i64Or)
}

/** Adds four products of 32-bit halves; the two middle products carry into the upper half. */
export function emitMultiplyHigh(emitter: Emitter): void {
  const [a, b] = [0, 1]
  const middle = emitter.local('i64')
  const cross = emitter.local('i64')
  const half = (local: number, high: boolean): void => {
    emitter.get(local)
    if (high) {
      emitter.i64(32n)
      emitter.op(op.i64ShrU)
    } else {
      emitter.i64(0xffffffffn)
      emitter.op(op.i64And)
    }
  }
  const shiftDown = (): void => {
    emitter.i64(32n)
    emitter.op(op.i64ShrU)
  }
  half(a, true)
  half(b, false)
  emitter.op(op.i64Mul)
  half(a, false)
  half(b, false)
  emitter.op(op.i64Mul)
  shiftDown()
  emitter.op(op.i64Add)
  emitter.set(middle)
  half(a, false)
  half(b, true)
  emitter.op(op.i64Mul)
  emitter.get(middle)
  emitter.i64(0xffffffffn)
  emitter.op(op.i64And, op.i64Add)
  emitter.set(cross)
  half(a, true)
  half(b, true)
  emitter.op(op.i64Mul)
  emitter.get(middle)
  shiftDown()
  emitter.op(op.i64Add)
  emitter.get(cross)
  shiftDown()
  emitter.op(op.i64Add)
}
