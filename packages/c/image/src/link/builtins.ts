// SPDX-License-Identifier: GPL-2.0-only
import {
  functionBase,
  functionStride,
  helperSignatures,
  type HelperName,
  type Signature,
} from '@pfo-workbench/object'
import { Emitter, op, type NameTable } from '@pfo-workbench/object/wasm'
import { emitAccess, emitRange } from './builtins/accesses.ts'
import { emitCopy, emitFill, emitReturningFirst, pushLow } from './builtins/copies.ts'
import { emitPoisonRedzones, emitClearRedzones } from './builtins/stack-redzones.ts'
import { type HelperLayout, pushDistance } from './builtins/helper-layout.ts'
import { emitMultiplyHigh, emitSwap32, emitSwap64 } from './builtins/numbers.ts'

/**
 * C functions that the linker supplies to callers, because kernels implement them in assembler. A definition in the
 * tree or a host function takes precedence.
 */
export const builtinSignatures: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ['memcpy', { parameters: ['i64', 'i64', 'i64'], results: ['i64'] }],
  ['memmove', { parameters: ['i64', 'i64', 'i64'], results: ['i64'] }],
  ['memset', { parameters: ['i64', 'i32', 'i64'], results: ['i64'] }],
])

/** Emits the code of a helper, or of a function of {@link builtinSignatures}. */
export function emitBuiltin(name: string, names: NameTable, layout: HelperLayout): Emitter {
  const signature = builtinSignatures.get(name) ?? helperSignatures[name as HelperName]
  const emitter = new Emitter(names, signature.parameters.length)
  const access = /^(read|write)([1248])$/.exec(name)
  if (access !== null) emitAccess(emitter, layout, Number(access[2]), access[1] === 'write')
  else if (name === 'readRange' || name === 'writeRange') emitRange(emitter, layout, name === 'writeRange')
  else writers.get(name)?.(emitter, layout)
  return emitter
}

const writers = new Map<string, (emitter: Emitter, layout: HelperLayout) => void>([
  ['copy', emitCopy],
  ['fill', emitFill],
  ['present', emitPresent],
  ['callee', emitCallee],
  ['guard', emitPoisonRedzones],
  ['unguard', emitClearRedzones],
  ['swap32', emitSwap32],
  ['swap64', emitSwap64],
  ['multiplyHigh', emitMultiplyHigh],
  ['memcpy', (emitter) => emitReturningFirst(emitter, 'copy')],
  ['memmove', (emitter) => emitReturningFirst(emitter, 'copy')],
  ['memset', (emitter) => emitReturningFirst(emitter, 'fill')],
])

function emitPresent(emitter: Emitter, layout: HelperLayout): void {
  pushDistance(emitter, 0)
  emitter.i64(BigInt(layout.memorySize))
  emitter.get(1)
  emitter.op(op.i64ExtendI32U, op.i64Sub, op.i64LeU)
}

/**
 * A valid function pointer is a multiple of the stride from the base, inside the table, and not the unused first entry.
 */
function emitCallee(emitter: Emitter, layout: HelperLayout): void {
  const pointer = 0
  const index = emitter.local('i64')
  const stride = Math.log2(functionStride)
  emitter.get(pointer)
  emitter.i64(BigInt.asIntN(64, -functionBase))
  emitter.op(op.i64Add)
  emitter.i64(BigInt(stride))
  emitter.op(op.i64Rotr)
  emitter.tee(index)
  emitter.i64(1n)
  emitter.op(op.i64Sub)
  emitter.i64(BigInt(layout.tableSize - 1))
  emitter.op(op.i64GeU)
  emitter.block(op.if)
  emitter.get(pointer)
  emitter.callRuntime('badCall')
  emitter.op(op.unreachable, op.end)
  pushLow(emitter, index)
}
