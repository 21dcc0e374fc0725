// SPDX-License-Identifier: GPL-2.0-only
import type { Constant, Value } from '@pfo-workbench/ir'
import { emitBinary } from './arithmetic.ts'
import { emitCast } from './casts.ts'
import { emitCompare } from './compare.ts'
import { foldAddress } from './constants.ts'
import type { FunctionContext } from './context.ts'
import { bitsOf, flatten } from './flatten.ts'
import { floatBits } from './float-bits.ts'
import { emitGetElementPtr } from './pointers.ts'
import { setLocals } from './results.ts'
import { emitSelect } from './select.ts'
import { Untranslatable } from './untranslatable.ts'
import { dataBase } from '../memory-model.ts'
import { op } from '../wasm/opcodes.ts'

/** Pushes the parts of a value. @throws Untranslatable */
export function emitValue(context: FunctionContext, value: Value): void {
  switch (value.kind) {
    case 'local':
      emitLocal(context, value.name)
      return
    case 'asm':
    case 'metadata':
      throw new Untranslatable(`${value.kind} as a value`)
    default:
      emitConstant(context, value)
  }
}

/** Returns read-only locals that hold the parts of a value. Creates locals if there are none. @throws Untranslatable */
export function valueInLocals(context: FunctionContext, value: Value): readonly number[] {
  if (value.kind === 'local') {
    const held = context.held.get(value.name)
    if (held !== undefined && !context.frame.addresses.has(value.name)) return held.locals
  }
  const types = flatten(value.type)
  const locals = types.map((type) => context.emitter.local(type))
  emitValue(context, value)
  setLocals(context, { types, locals })
  return locals
}

function emitLocal(context: FunctionContext, name: string): void {
  const { emitter } = context
  const address = context.frame.addresses.get(name)
  if (address !== undefined) {
    emitter.get(context.framePointer)
    emitter.op(op.i64ExtendI32U)
    emitter.i64(BigInt.asIntN(64, dataBase + BigInt(address.slot.offset + address.offset)))
    emitter.op(op.i64Add)
    return
  }
  const held = context.held.get(name)
  if (held === undefined) {
    // An earlier instruction could not be translated, so this code is unreachable.
    emitter.op(op.unreachable)
    return
  }
  for (const local of held.locals) emitter.get(local)
}

/** Pushes the parts of a constant. @throws Untranslatable */
function emitConstant(context: FunctionContext, constant: Constant): void {
  const { emitter } = context
  switch (constant.kind) {
    case 'integer':
      emitNumber(context, bitsOf(constant.type), constant.value)
      return
    case 'float':
      emitNumber(context, bitsOf(constant.type), floatBits(constant.type, constant.text))
      return
    case 'null':
    case 'zero':
    case 'undef':
    case 'poison':
      for (const type of flatten(constant.type)) {
        if (type === 'i32') emitter.i32(0)
        else emitter.i64(0n)
      }
      return
    case 'bytes':
      for (const byte of constant.bytes) emitter.i32(byte)
      return
    case 'aggregate':
      for (const element of constant.elements) emitConstant(context, element)
      return
    case 'global':
    case 'blockaddress':
    case 'getelementptr': {
      const folded = foldAddress(constant, context.unit)
      if (folded !== null) {
        if (folded.symbol === null) emitter.i64(folded.addend)
        else emitter.address(folded.symbol, safeNumber(folded.addend))
        return
      }
      if (constant.kind !== 'getelementptr') throw new Untranslatable(`address of ${constant.kind}`)
      emitGetElementPtr(context, constant)
      return
    }
    case 'cast':
      emitCast(context, constant.operation, constant.value, constant.type)
      return
    case 'binary':
      emitBinary(context, constant.operation, constant.left, constant.right)
      return
    case 'icmp':
      emitCompare(context, constant.predicate, constant.left, constant.right)
      return
    case 'select':
      emitSelect(context, constant)
      return
    default:
      throw new Untranslatable(`constant ${constant.kind === 'unknown' ? constant.text : constant.kind}`)
  }
}

function safeNumber(value: bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new Untranslatable('an address too far from its symbol')
  return number
}

function emitNumber(context: FunctionContext, bits: number, value: bigint): void {
  const { emitter } = context
  if (bits <= 32) emitter.i32(Number(BigInt.asIntN(32, value)))
  else {
    emitter.i64(BigInt.asIntN(64, value))
    if (bits > 64) emitter.i64(BigInt.asIntN(64, value >> 64n))
  }
}
