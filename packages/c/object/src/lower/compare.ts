// SPDX-License-Identifier: GPL-2.0-only
import type { Predicate, Value } from '@pfo-workbench/ir'
import { signExtend } from './casts.ts'
import type { FunctionContext } from './context.ts'
import { bitsOf } from './flatten.ts'
import { emitWideCompare } from './wide.ts'
import { op } from '../wasm/opcodes.ts'

const opcodes: Readonly<Record<Predicate, readonly [narrow: number, wide: number]>> = {
  eq: [op.i32Eq, op.i64Eq],
  ne: [op.i32Ne, op.i64Ne],
  ugt: [op.i32GtU, op.i64GtU],
  uge: [op.i32GeU, op.i64GeU],
  ult: [op.i32LtU, op.i64LtU],
  ule: [op.i32LeU, op.i64LeU],
  sgt: [op.i32GtS, op.i64GtS],
  sge: [op.i32GeS, op.i64GeS],
  slt: [op.i32LtS, op.i64LtS],
  sle: [op.i32LeS, op.i64LeS],
}

/** Pushes 1 if a comparison is true, otherwise 0. @throws Untranslatable */
export function emitCompare(context: FunctionContext, predicate: Predicate, left: Value, right: Value): void {
  const bits = bitsOf(left.type)
  if (bits > 64) {
    emitWideCompare(context, predicate, left, right)
    return
  }
  const signed = predicate.startsWith('s')
  for (const value of [left, right]) {
    context.push(value)
    if (signed) signExtend(context.emitter, bits)
  }
  context.emitter.op(opcodes[predicate][bits <= 32 ? 0 : 1])
}
