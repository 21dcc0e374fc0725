// SPDX-License-Identifier: GPL-2.0-only
import type { AtomicUpdateInstruction, CompareExchangeInstruction } from '@pfo-workbench/ir'
import type { FunctionContext } from './context.ts'
import { bitsOf } from './flatten.ts'
import { mask, signExtend } from './casts.ts'
import { emitAccess, loadRaw, storeRaw, type AccessSize } from './memory.ts'
import { resultLocals, setLocals, popResult } from './results.ts'
import { Untranslatable } from './untranslatable.ts'
import { op } from '../wasm/opcodes.ts'

const simple = new Map<string, readonly [narrow: number, wide: number]>([
  ['add', [op.i32Add, op.i64Add]],
  ['sub', [op.i32Sub, op.i64Sub]],
  ['and', [op.i32And, op.i64And]],
  ['nand', [op.i32And, op.i64And]],
  ['or', [op.i32Or, op.i64Or]],
  ['xor', [op.i32Xor, op.i64Xor]],
])

const choices = new Map<string, readonly [narrow: number, wide: number]>([
  ['max', [op.i32GtS, op.i64GtS]],
  ['min', [op.i32LtS, op.i64LtS]],
  ['umax', [op.i32GtU, op.i64GtU]],
  ['umin', [op.i32LtU, op.i64LtU]],
])

function sizeOf(bits: number): AccessSize {
  if (bits !== 8 && bits !== 16 && bits !== 32 && bits !== 64)
    throw new Untranslatable(`atomic access of ${bits} bits`)
  return (bits / 8) as AccessSize
}

/** Translates `atomicrmw` to a load and a store: only one processor runs at a time. @throws Untranslatable */
export function emitAtomicUpdate(context: FunctionContext, instruction: AtomicUpdateInstruction): void {
  const { emitter } = context
  const { address, value, operation } = instruction
  const bits = bitsOf(value.type)
  const size = sizeOf(bits)
  const narrow = bits <= 32
  const type = narrow ? 'i32' : 'i64'
  const old = emitter.borrow(type)
  loadRaw(context, size, type, emitAccess(context, address, 0, size, false))
  emitter.set(old)
  const offset = emitAccess(context, address, 0, size, true)
  const binary = simple.get(operation)
  const choice = choices.get(operation)
  if (operation === 'xchg') context.push(value)
  else if (binary !== undefined) {
    emitter.get(old)
    context.push(value)
    emitter.op(binary[narrow ? 0 : 1])
    if (operation === 'nand') {
      if (narrow) emitter.i32(-1)
      else emitter.i64(-1n)
      emitter.op(narrow ? op.i32Xor : op.i64Xor)
    }
  } else if (choice !== undefined) {
    const signed = !operation.startsWith('u')
    emitter.get(old)
    context.push(value)
    emitter.get(old)
    if (signed) signExtend(emitter, bits)
    context.push(value)
    if (signed) signExtend(emitter, bits)
    emitter.op(choice[narrow ? 0 : 1], op.select)
  } else throw new Untranslatable(`atomicrmw ${operation}`)
  mask(emitter, bits)
  storeRaw(context, size, type, offset)
  emitter.get(old)
  popResult(context, instruction)
  emitter.giveBack(type, old)
}

/** Translates `cmpxchg` to a load and a store, which writes the old value if it differs. @throws Untranslatable */
export function emitCompareExchange(context: FunctionContext, instruction: CompareExchangeInstruction): void {
  const { emitter } = context
  const { address, expected, replacement, result } = instruction
  const bits = bitsOf(expected.type)
  const size = sizeOf(bits)
  const type = bits <= 32 ? 'i32' : 'i64'
  const old = emitter.borrow(type)
  loadRaw(context, size, type, emitAccess(context, address, 0, size, false))
  emitter.set(old)
  const same = (): void => {
    emitter.get(old)
    context.push(expected)
    emitter.op(type === 'i32' ? op.i32Eq : op.i64Eq)
  }
  const offset = emitAccess(context, address, 0, size, true)
  context.push(replacement)
  emitter.get(old)
  same()
  emitter.op(op.select)
  storeRaw(context, size, type, offset)
  if (result !== null) {
    emitter.get(old)
    same()
    setLocals(context, resultLocals(context, result))
  }
  emitter.giveBack(type, old)
}
