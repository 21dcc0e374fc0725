// SPDX-License-Identifier: GPL-2.0-only
import { alignTo, type CallBranchInstruction, type CallInstruction, type Value } from '@pfo-workbench/ir'
import { emitSignExtended, emitZeroExtended, mask } from './casts.ts'
import type { FunctionContext } from './context.ts'
import { flatten, signatureOf } from './flatten.ts'
import { variadicAlignment } from './frame.ts'
import { swapBytes } from './memory.ts'
import { popResult } from './results.ts'
import { Untranslatable } from './untranslatable.ts'
import { dataBase } from '../memory-model.ts'
import { globals } from '../wasm/emitter.ts'
import { op } from '../wasm/opcodes.ts'

/** Translates a direct or indirect call, and stores its result. @throws Untranslatable */
export function emitCall(context: FunctionContext, call: CallInstruction | CallBranchInstruction): void {
  const { emitter, unit } = context
  const { callee, functionType } = call
  const signature = signatureOf(functionType)
  const fixed = functionType.parameters.length
  if (call.arguments.length < fixed) throw new Untranslatable('a call with too few arguments')
  if (functionType.variadic) storeVariadic(context, call.arguments.slice(fixed), call)
  const watch = callee.kind === 'global' ? null : unit.indirectWatch(context.source.name)
  if (watch !== null) emitWatchEnter(context, watch, call)
  for (let i = 0; i < fixed; i++) {
    const value = call.arguments[i]
    if (value === undefined) throw new Untranslatable('a call with too few arguments')
    const copy = context.frame.copies.get(call)?.get(i)
    if (copy === undefined) context.push(value)
    else pushCopy(context, call, i, copy, value)
  }
  if (functionType.variadic) pushFrameAddress(context, context.frame.variadicArea)
  if (callee.kind === 'global') emitter.call(callee.name, signature)
  else {
    context.push(callee)
    emitter.callRuntime('callee')
    emitter.callIndirect(signature)
  }
  const { type } = call
  // A host function may return more bits than the type has.
  if (type.kind === 'integer' && type.bits < 32) mask(emitter, type.bits)
  popResult(context, call)
  if (watch !== null) emitWatchLeave(context, watch, call)
}

/** Stores variadic arguments in the frame, in slots of 8 bytes. A wide integer or a structure takes several slots. */
function storeVariadic(
  context: FunctionContext,
  values: readonly Value[],
  call: CallInstruction | CallBranchInstruction,
): void {
  const { emitter, frame, unit } = context
  const fixed = call.functionType.parameters.length
  let offset = frame.variadicArea
  for (const [i, value] of values.entries()) {
    offset = alignTo(offset, variadicAlignment(value.type))
    const attributes = call.argumentAttributes[fixed + i]
    if (attributes !== undefined && attributes.byValue !== null)
      throw new Untranslatable('a variadic structure')
    const types = flatten(value.type)
    if (types.length === 1 && types[0] === 'i32') {
      emitter.get(context.framePointer)
      if (attributes?.signExtend === true) emitSignExtended(context, value)
      else emitZeroExtended(context, value)
      if (unit.bigEndian) swapBytes(emitter, 8, 'i64')
      emitter.memory(op.i64Store, offset)
      offset += 8
      continue
    }
    const locals = context.hold(value)
    // In big-endian memory the high half of a wide integer comes first.
    const order = unit.bigEndian && value.type.kind === 'integer' ? locals.toReversed() : locals
    for (const [k, local] of order.entries()) {
      emitter.get(context.framePointer)
      emitter.get(local)
      if (types[k] === 'i32') emitter.op(op.i64ExtendI32U)
      if (unit.bigEndian) swapBytes(emitter, 8, 'i64')
      emitter.memory(op.i64Store, offset)
      offset += 8
    }
  }
}

/** Copies an argument that is passed by value, and pushes the address of the copy. */
function pushCopy(
  context: FunctionContext,
  call: CallInstruction | CallBranchInstruction,
  index: number,
  offset: number,
  value: Value,
): void {
  const type = call.argumentAttributes[index]?.byValue
  if (type === undefined || type === null) throw new Untranslatable('a copy of nothing')
  pushFrameAddress(context, offset)
  context.push(value)
  context.emitter.i64(BigInt(context.unit.layout.size(type)))
  context.emitter.callRuntime('copy')
  pushFrameAddress(context, offset)
}

function pushFrameAddress(context: FunctionContext, offset: number): void {
  const { emitter } = context
  emitter.get(context.framePointer)
  emitter.op(op.i64ExtendI32U)
  emitter.i64(BigInt.asIntN(64, dataBase + BigInt(offset)))
  emitter.op(op.i64Add)
}

const watchedArguments = 3

function emitWatchEnter(
  context: FunctionContext,
  watch: number,
  call: CallInstruction | CallBranchInstruction,
): void {
  const { emitter } = context
  emitter.linkedNumber('watch', watch)
  context.push(call.callee)
  for (let i = 0; i < watchedArguments; i++) {
    const value = call.arguments[i]
    if (value !== undefined && flatten(value.type).length === 1) emitZeroExtended(context, value)
    else emitter.i64(0n)
  }
  emitter.callRuntime('enter')
}

function emitWatchLeave(
  context: FunctionContext,
  watch: number,
  call: CallInstruction | CallBranchInstruction,
): void {
  const { emitter } = context
  emitter.linkedNumber('watch', watch)
  const types = flatten(call.type)
  if (call.result !== null && types.length === 1) {
    emitZeroExtended(context, { kind: 'local', name: call.result, type: call.type })
  } else emitter.i64(0n)
  emitter.callRuntime('leave')
}

/** Pushes the stack pointer as C sees it. */
export function pushStackPointer(context: FunctionContext): void {
  const { emitter } = context
  emitter.getGlobal(globals.sp)
  emitter.op(op.i64ExtendI32U)
  emitter.i64(BigInt.asIntN(64, dataBase))
  emitter.op(op.i64Add)
}
