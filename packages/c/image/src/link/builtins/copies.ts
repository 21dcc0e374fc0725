// SPDX-License-Identifier: GPL-2.0-only
import { bulkCopy, bulkFill, type Emitter, op } from '@pfo-workbench/object/wasm'

/** `memory.copy` traps on a bad address even if nothing is copied. */
function emitUnlessEmpty(emitter: Emitter, length: number, then: () => void): void {
  emitter.get(length)
  emitter.op(op.i64Eqz, op.i32Eqz)
  emitter.block(op.if)
  then()
  emitter.op(op.end)
}

export function pushLow(emitter: Emitter, local: number): void {
  emitter.get(local)
  emitter.op(op.i32WrapI64)
}

export function emitCopy(emitter: Emitter): void {
  const [to, from, length] = [0, 1, 2]
  emitter.get(from)
  emitter.get(length)
  emitter.callRuntime('readRange')
  emitter.get(to)
  emitter.get(length)
  emitter.callRuntime('writeRange')
  emitUnlessEmpty(emitter, length, () => {
    for (const local of [to, from, length]) pushLow(emitter, local)
    emitter.op(op.bulk, bulkCopy, 0, 0)
  })
}

export function emitFill(emitter: Emitter): void {
  const [to, byte, length] = [0, 1, 2]
  emitter.get(to)
  emitter.get(length)
  emitter.callRuntime('writeRange')
  emitUnlessEmpty(emitter, length, () => {
    pushLow(emitter, to)
    emitter.get(byte)
    pushLow(emitter, length)
    emitter.op(op.bulk, bulkFill, 0)
  })
}

export function emitReturningFirst(emitter: Emitter, helper: 'copy' | 'fill'): void {
  for (const local of [0, 1, 2]) emitter.get(local)
  emitter.callRuntime(helper)
  emitter.get(0)
}
