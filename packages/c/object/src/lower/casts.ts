// SPDX-License-Identifier: GPL-2.0-only
import type { CastOperation, Type, Value } from '@pfo-workbench/ir'
import type { FunctionContext } from './context.ts'
import { bitsOf, flatten } from './flatten.ts'
import { Untranslatable } from './untranslatable.ts'
import type { Emitter } from '../wasm/emitter.ts'
import { op } from '../wasm/opcodes.ts'

/** Sign-extends the i32 or i64 on the stack from `bits` bits. */
export function signExtend(emitter: Emitter, bits: number): void {
  if (bits === 32 || bits >= 64) return
  if (bits === 8) emitter.op(op.i32Extend8S)
  else if (bits === 16) emitter.op(op.i32Extend16S)
  else if (bits < 32) {
    emitter.i32(32 - bits)
    emitter.op(op.i32Shl)
    emitter.i32(32 - bits)
    emitter.op(op.i32ShrS)
  } else {
    emitter.i64(BigInt(64 - bits))
    emitter.op(op.i64Shl)
    emitter.i64(BigInt(64 - bits))
    emitter.op(op.i64ShrS)
  }
}

/** Truncates the i64 on the stack, the upper half of an integer, to `bits` bits. */
export function maskHigh(emitter: Emitter, bits: number): void {
  if (bits >= 64) return
  emitter.i64((1n << BigInt(bits)) - 1n)
  emitter.op(op.i64And)
}

/** Sign-extends the i64 on the stack, the upper half of an integer, from `bits` bits. */
export function signExtendHigh(emitter: Emitter, bits: number): void {
  if (bits >= 64) return
  emitter.i64(BigInt(64 - bits))
  emitter.op(op.i64Shl)
  emitter.i64(BigInt(64 - bits))
  emitter.op(op.i64ShrS)
}

/** Truncates the i32 or i64 on the stack to `bits` bits. */
export function mask(emitter: Emitter, bits: number): void {
  if (bits === 32 || bits >= 64) return
  if (bits < 32) {
    emitter.i32(2 ** bits - 1)
    emitter.op(op.i32And)
  } else {
    emitter.i64((1n << BigInt(bits)) - 1n)
    emitter.op(op.i64And)
  }
}

/** Pushes an integer of at most 64 bits as a sign-extended i64. @throws Untranslatable */
export function emitSignExtended(context: FunctionContext, value: Value): void {
  const bits = bitsOf(value.type)
  context.push(value)
  signExtend(context.emitter, bits)
  if (bits <= 32) context.emitter.op(op.i64ExtendI32S)
}

/** Pushes an integer of at most 64 bits as a zero-extended i64. @throws Untranslatable */
export function emitZeroExtended(context: FunctionContext, value: Value): void {
  context.push(value)
  if (bitsOf(value.type) <= 32) context.emitter.op(op.i64ExtendI32U)
}

/** Pushes a value, converted to another type. @throws Untranslatable */
export function emitCast(context: FunctionContext, operation: CastOperation, value: Value, to: Type): void {
  const { emitter } = context
  switch (operation) {
    case 'trunc':
      emitTruncated(context, value, bitsOf(to))
      return
    case 'zext':
      emitWidened(context, value, bitsOf(to), false)
      return
    case 'sext':
      emitWidened(context, value, bitsOf(to), true)
      return
    case 'ptrtoint':
    case 'inttoptr':
      if (bitsOf(to) > bitsOf(value.type)) emitWidened(context, value, bitsOf(to), false)
      else emitTruncated(context, value, bitsOf(to))
      return
    case 'bitcast': {
      const from = flatten(value.type)
      const target = flatten(to)
      const same = from.length === target.length && from.every((type, i) => type === target[i])
      if (!same || value.type.kind === 'vector') throw new Untranslatable('bitcast between unlike types')
      context.push(value)
      return
    }
    case 'addrspacecast':
      context.push(value)
      return
  }
  operation satisfies never
  emitter.op(op.unreachable)
}

function emitTruncated(context: FunctionContext, value: Value, bits: number): void {
  const { emitter } = context
  const from = bitsOf(value.type)
  context.push(value)
  if (from > 64) {
    if (bits > 64) {
      maskHigh(emitter, bits - 64)
      return
    }
    emitter.op(op.drop)
  }
  if (from > 32 && bits <= 32) emitter.op(op.i32WrapI64)
  mask(emitter, bits)
}

function emitWidened(context: FunctionContext, value: Value, bits: number, signed: boolean): void {
  const { emitter } = context
  const from = bitsOf(value.type)
  if (bits <= 64) {
    context.push(value)
    if (signed) signExtend(emitter, from)
    if (from <= 32 && bits > 32) emitter.op(signed ? op.i64ExtendI32S : op.i64ExtendI32U)
    if (signed) mask(emitter, bits)
    return
  }
  context.push(value)
  if (from > 64) {
    if (signed) {
      signExtendHigh(emitter, from - 64)
      maskHigh(emitter, bits - 64)
    }
    return
  }
  if (signed) signExtend(emitter, from)
  if (from <= 32) emitter.op(signed ? op.i64ExtendI32S : op.i64ExtendI32U)
  if (!signed) {
    emitter.i64(0n)
    return
  }
  const low = emitter.borrow('i64')
  emitter.tee(low)
  emitter.get(low)
  emitter.i64(63n)
  emitter.op(op.i64ShrS)
  maskHigh(emitter, bits - 64)
  emitter.giveBack('i64', low)
}
