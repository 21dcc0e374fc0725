// SPDX-License-Identifier: GPL-2.0-only
import type { BinaryOperation, Value } from '@pfo-workbench/ir'
import { mask, signExtend } from './casts.ts'
import type { FunctionContext } from './context.ts'
import { bitsOf } from './flatten.ts'
import { emitWideBinary } from './wide.ts'
import { op } from '../wasm/opcodes.ts'

const opcodes: Readonly<Record<BinaryOperation, readonly [narrow: number, wide: number]>> = {
  add: [op.i32Add, op.i64Add],
  sub: [op.i32Sub, op.i64Sub],
  mul: [op.i32Mul, op.i64Mul],
  udiv: [op.i32DivU, op.i64DivU],
  sdiv: [op.i32DivS, op.i64DivS],
  urem: [op.i32RemU, op.i64RemU],
  srem: [op.i32RemS, op.i64RemS],
  shl: [op.i32Shl, op.i64Shl],
  lshr: [op.i32ShrU, op.i64ShrU],
  ashr: [op.i32ShrS, op.i64ShrS],
  and: [op.i32And, op.i64And],
  or: [op.i32Or, op.i64Or],
  xor: [op.i32Xor, op.i64Xor],
}

/** Operations whose result may have set bits above the width of its type. */
const overflowing: ReadonlySet<BinaryOperation> = new Set([
  'add',
  'sub',
  'mul',
  'sdiv',
  'srem',
  'ashr',
  'shl',
])

/**
 * Pushes the result of integer arithmetic. Division by zero traps. A signed division that overflows also traps, if the
 * type has 32 or 64 bits. In C, a shift by the width or more is undefined; here the result is 0, or copies of the sign
 * bit, as PowerPC's instructions compute it for amounts below twice the width.
 *
 * @throws Untranslatable
 */
export function emitBinary(
  context: FunctionContext,
  operation: BinaryOperation,
  left: Value,
  right: Value,
): void {
  const bits = bitsOf(left.type)
  if (bits > 64) {
    emitWideBinary(context, operation, left, right)
    return
  }
  const { emitter } = context
  if (operation === 'shl' || operation === 'lshr' || operation === 'ashr') {
    emitShift(context, operation, left, right, bits)
    return
  }
  const signed = operation === 'sdiv' || operation === 'srem'
  context.push(left)
  if (signed) signExtend(emitter, bits)
  context.push(right)
  if (signed) signExtend(emitter, bits)
  emitter.op(opcodes[operation][bits <= 32 ? 0 : 1])
  if (overflowing.has(operation)) mask(emitter, bits)
}

function emitShift(
  context: FunctionContext,
  operation: 'shl' | 'lshr' | 'ashr',
  left: Value,
  right: Value,
  bits: number,
): void {
  const { emitter } = context
  const narrow = bits <= 32
  const width = narrow ? 32 : 64
  const opcode = opcodes[operation][narrow ? 0 : 1]
  const number = (value: number): void => (narrow ? emitter.i32(value) : emitter.i64(BigInt(value)))
  context.push(left)
  if (operation === 'ashr') signExtend(emitter, bits)
  if (right.kind === 'integer') {
    const amount = Number(right.value)
    if (amount >= width && operation !== 'ashr') {
      emitter.op(op.drop)
      number(0)
      return
    }
    number(Math.min(amount, width - 1))
    emitter.op(opcode)
  } else {
    const [amount] = context.hold(right)
    const get = (): void => emitter.get(amount ?? 0)
    const inRange = (): void => {
      get()
      number(width)
      emitter.op(narrow ? op.i32LtU : op.i64LtU)
    }
    get()
    if (operation === 'ashr') {
      number(width - 1)
      inRange()
      emitter.op(op.select, opcode)
    } else {
      emitter.op(opcode)
      number(0)
      inRange()
      emitter.op(op.select)
    }
  }
  if (overflowing.has(operation)) mask(emitter, bits)
}
