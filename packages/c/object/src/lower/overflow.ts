// SPDX-License-Identifier: GPL-2.0-only
import type { CallInstruction, Value } from '@pfo-workbench/ir'
import { mask, signExtend } from './casts.ts'
import type { FunctionContext } from './context.ts'
import { bitsOf } from './flatten.ts'
import { resultLocals, setLocals } from './results.ts'
import { Untranslatable } from './untranslatable.ts'
import { op } from '../wasm/opcodes.ts'

/** Translates `llvm.{u,s}{add,sub,mul}.with.overflow`: the truncated result, and whether the truncation lost bits. */
export function emitOverflow(context: FunctionContext, call: CallInstruction, name: string): void {
  const [left, right] = operandsOf(call)
  pushWithOverflow(context, name.startsWith('s'), name.slice(1), left, right)
  if (call.result === null) context.emitter.op(op.drop, op.drop)
  else setLocals(context, resultLocals(context, call.result))
}

/** Translates `llvm.{u,s}{add,sub}.sat`: the result is clamped to the nearest number that can be represented. */
export function emitSaturating(context: FunctionContext, call: CallInstruction, name: string): void {
  const { emitter } = context
  const [left, right] = operandsOf(call)
  const signed = name.startsWith('s')
  const add = name.endsWith('add')
  const bits = bitsOf(left.type)
  const type = bits <= 32 ? 'i32' : 'i64'
  pushWithOverflow(context, signed, add ? 'add' : 'sub', left, right)
  const overflowed = emitter.borrow('i32')
  const plain = emitter.borrow(type)
  emitter.set(overflowed)
  emitter.set(plain)
  const number = (value: bigint): void => {
    if (bits <= 32) emitter.i32(Number(BigInt.asIntN(32, BigInt.asUintN(bits, value))))
    else emitter.i64(BigInt.asIntN(64, BigInt.asUintN(bits, value)))
  }
  const most = 1n << BigInt(bits - 1)
  if (signed) {
    number(most)
    number(most - 1n)
    context.push(left)
    signExtend(emitter, bits)
    if (bits <= 32) emitter.i32(0)
    else emitter.i64(0n)
    emitter.op(bits <= 32 ? op.i32LtS : op.i64LtS, op.select)
  } else number(add ? -1n : 0n)
  emitter.get(plain)
  emitter.get(overflowed)
  emitter.op(op.select)
  emitter.giveBack('i32', overflowed)
  emitter.giveBack(type, plain)
  if (call.result === null) emitter.op(op.drop)
  else setLocals(context, resultLocals(context, call.result))
}

function operandsOf(call: CallInstruction): readonly [Value, Value] {
  const [left, right] = call.arguments
  if (left === undefined || right === undefined)
    throw new Untranslatable('an intrinsic with too few arguments')
  return [left, right]
}

/** Pushes the truncated result, then 1 if it differs from the exact result, otherwise 0. */
function pushWithOverflow(
  context: FunctionContext,
  signed: boolean,
  operation: string,
  left: Value,
  right: Value,
): void {
  const bits = bitsOf(left.type)
  if (bits > 64) throw new Untranslatable(`${operation} with overflow of ${bits} bits`)
  if (bits <= 32) pushNarrow(context, signed, operation, left, right, bits)
  else if (bits === 64) pushWide(context, signed, operation, left, right)
  else throw new Untranslatable(`${operation} with overflow of ${bits} bits`)
}

/** The exact result of operands up to 32 bits fits in 64 bits. */
function pushNarrow(
  context: FunctionContext,
  signed: boolean,
  operation: string,
  left: Value,
  right: Value,
  bits: number,
): void {
  const { emitter } = context
  const exact = emitter.borrow('i64')
  for (const value of [left, right]) {
    context.push(value)
    if (signed) signExtend(emitter, bits)
    emitter.op(signed ? op.i64ExtendI32S : op.i64ExtendI32U)
  }
  emitter.op(operation === 'add' ? op.i64Add : operation === 'sub' ? op.i64Sub : op.i64Mul)
  emitter.tee(exact)
  emitter.op(op.i32WrapI64)
  mask(emitter, bits)
  emitter.get(exact)
  emitter.op(op.i32WrapI64)
  mask(emitter, bits)
  if (signed) signExtend(emitter, bits)
  emitter.op(signed ? op.i64ExtendI32S : op.i64ExtendI32U)
  emitter.get(exact)
  emitter.op(op.i64Ne)
  emitter.giveBack('i64', exact)
}

function pushWide(
  context: FunctionContext,
  signed: boolean,
  operation: string,
  left: Value,
  right: Value,
): void {
  const { emitter } = context
  const [a, b] = [context.hold(left)[0] ?? 0, context.hold(right)[0] ?? 0]
  const result = emitter.borrow('i64')
  emitter.get(a)
  emitter.get(b)
  emitter.op(operation === 'add' ? op.i64Add : operation === 'sub' ? op.i64Sub : op.i64Mul)
  emitter.tee(result)
  if (operation === 'add' && !signed) {
    emitter.get(result)
    emitter.get(a)
    emitter.op(op.i64LtU)
  } else if (operation === 'sub' && !signed) {
    emitter.get(a)
    emitter.get(b)
    emitter.op(op.i64LtU)
  } else if (operation === 'mul') {
    pushMultiplyOverflow(context, signed, a, b, result)
  } else {
    // The sum overflows if both operands have another sign than the result. The difference overflows if both `b` and
    // the result have another sign than `a`.
    emitter.get(a)
    emitter.get(operation === 'add' ? result : b)
    emitter.op(op.i64Xor)
    if (operation === 'add') emitter.get(b)
    else emitter.get(a)
    emitter.get(result)
    emitter.op(op.i64Xor, op.i64And)
    emitter.i64(0n)
    emitter.op(op.i64LtS)
  }
  emitter.giveBack('i64', result)
}

/** Pushes 1 if the upper half of the exact product is not the extension of the lower half, otherwise 0. */
function pushMultiplyOverflow(
  context: FunctionContext,
  signed: boolean,
  a: number,
  b: number,
  result: number,
): void {
  const { emitter } = context
  emitter.get(a)
  emitter.get(b)
  emitter.callRuntime('multiplyHigh')
  if (!signed) {
    emitter.op(op.i64Eqz, op.i32Eqz)
    return
  }
  // To get the signed upper half, subtract each operand whose counterpart is negative from the unsigned upper half.
  for (const [negative, other] of [
    [a, b],
    [b, a],
  ] as const) {
    emitter.get(negative)
    emitter.i64(63n)
    emitter.op(op.i64ShrS)
    emitter.get(other)
    emitter.op(op.i64And, op.i64Sub)
  }
  emitter.get(result)
  emitter.i64(63n)
  emitter.op(op.i64ShrS, op.i64Ne)
}
