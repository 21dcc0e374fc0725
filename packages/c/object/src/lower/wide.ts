// SPDX-License-Identifier: GPL-2.0-only
import type { BinaryOperation, Predicate, Value } from '@pfo-workbench/ir'
import { maskHigh, signExtendHigh } from './casts.ts'
import type { FunctionContext } from './context.ts'
import { bitsOf } from './flatten.ts'
import { Untranslatable } from './untranslatable.ts'
import type { Emitter } from '../wasm/emitter.ts'
import { op } from '../wasm/opcodes.ts'

/** An integer of more than 64 bits in two locals. */
interface Pair {
  readonly low: number
  readonly high: number
}

/** Pushes the result of arithmetic on 65 to 128 bits, low half first. @throws Untranslatable for a division */
export function emitWideBinary(
  context: FunctionContext,
  operation: BinaryOperation,
  left: Value,
  right: Value,
): void {
  const { emitter } = context
  const bits = bitsOf(left.type)
  const a = pair(context, left)
  const b = pair(context, right)
  switch (operation) {
    case 'and':
    case 'or':
    case 'xor': {
      const opcode = operation === 'and' ? op.i64And : operation === 'or' ? op.i64Or : op.i64Xor
      apply(emitter, opcode, a.low, b.low)
      apply(emitter, opcode, a.high, b.high)
      return
    }
    case 'add':
      apply(emitter, op.i64Add, a.low, b.low)
      apply(emitter, op.i64Add, a.high, b.high)
      // Carry: the low half of the sum is less than the low half of an operand.
      apply(emitter, op.i64Add, a.low, b.low)
      emitter.get(a.low)
      emitter.op(op.i64LtU, op.i64ExtendI32U, op.i64Add)
      break
    case 'sub':
      apply(emitter, op.i64Sub, a.low, b.low)
      apply(emitter, op.i64Sub, a.high, b.high)
      apply(emitter, op.i64LtU, a.low, b.low)
      emitter.op(op.i64ExtendI32U, op.i64Sub)
      break
    case 'mul':
      apply(emitter, op.i64Mul, a.low, b.low)
      emitter.get(a.low)
      emitter.get(b.low)
      emitter.callRuntime('multiplyHigh')
      apply(emitter, op.i64Mul, a.low, b.high)
      apply(emitter, op.i64Mul, a.high, b.low)
      emitter.op(op.i64Add, op.i64Add)
      break
    case 'shl':
    case 'lshr':
    case 'ashr':
      emitWideShift(emitter, operation, a, b.low, bits)
      break
    default:
      throw new Untranslatable(`${operation} of ${bits} bits`)
  }
  maskHigh(emitter, bits - 64)
}

/** Pushes the result of a comparison of integers of more than 64 bits. @throws Untranslatable */
export function emitWideCompare(
  context: FunctionContext,
  predicate: Predicate,
  left: Value,
  right: Value,
): void {
  const { emitter } = context
  const bits = bitsOf(left.type)
  const a = pair(context, left)
  const b = pair(context, right)
  if (predicate === 'eq' || predicate === 'ne') {
    apply(emitter, op.i64Xor, a.low, b.low)
    apply(emitter, op.i64Xor, a.high, b.high)
    emitter.op(op.i64Or, op.i64Eqz)
    if (predicate === 'ne') emitter.op(op.i32Eqz)
    return
  }
  const signed = predicate.startsWith('s')
  const less = predicate.endsWith('lt') || predicate.endsWith('le')
  const orEqual = predicate.endsWith('e')
  const high = (local: number): void => {
    emitter.get(local)
    if (signed) signExtendHigh(emitter, bits - 64)
  }
  // If the high halves are equal, the low halves decide.
  apply(emitter, less ? (orEqual ? op.i64LeU : op.i64LtU) : orEqual ? op.i64GeU : op.i64GtU, a.low, b.low)
  high(a.high)
  high(b.high)
  emitter.op(signed ? (less ? op.i64LtS : op.i64GtS) : less ? op.i64LtU : op.i64GtU)
  apply(emitter, op.i64Eq, a.high, b.high)
  emitter.op(op.select)
}

function pair(context: FunctionContext, value: Value): Pair {
  const [low, high] = context.hold(value)
  if (low === undefined || high === undefined) throw new Untranslatable('half of a number')
  return { low, high }
}

function apply(emitter: Emitter, opcode: number, left: number, right: number): void {
  emitter.get(left)
  emitter.get(right)
  emitter.op(opcode)
}

/** Pushes both halves of a shifted integer. Bits move from one half into the other. */
function emitWideShift(
  emitter: Emitter,
  operation: 'shl' | 'lshr' | 'ashr',
  value: Pair,
  amount: number,
  bits: number,
): void {
  const left = operation === 'shl'
  let { high } = value
  if (operation === 'ashr' && bits < 128) {
    high = emitter.local('i64')
    emitter.get(value.high)
    signExtendHigh(emitter, bits - 64)
    emitter.set(high)
  }
  const near = left ? value.low : high
  const far = left ? high : value.low
  const shift = left ? op.i64Shl : op.i64ShrU
  const shiftNear = operation === 'ashr' ? op.i64ShrS : shift
  const back = left ? op.i64ShrU : op.i64Shl
  const fill = (): void => {
    if (operation !== 'ashr') {
      emitter.i64(0n)
      return
    }
    emitter.get(high)
    emitter.i64(63n)
    emitter.op(op.i64ShrS)
  }
  const isLong = (): void => {
    emitter.get(amount)
    emitter.i64(63n)
    emitter.op(op.i64GtU)
  }
  // The half that the shift moves bits out of. After a shift by 64 or more it has only fill bits.
  const pushNear = (): void => {
    fill()
    apply(emitter, shiftNear, near, amount)
    isLong()
    emitter.op(op.select)
  }
  // The half that the shift moves bits into. After a shift by 64 or more it has only bits of the other half.
  const pushFar = (): void => {
    apply(emitter, shiftNear, near, amount)
    apply(emitter, shift, far, amount)
    emitter.get(near)
    emitter.i64(1n)
    emitter.op(back)
    emitter.i64(63n)
    emitter.get(amount)
    emitter.op(op.i64Sub, back, op.i64Or)
    isLong()
    emitter.op(op.select)
  }
  if (left) {
    pushNear()
    pushFar()
  } else {
    pushFar()
    pushNear()
  }
}
