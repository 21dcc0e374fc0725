// SPDX-License-Identifier: GPL-2.0-only
import type { Type, Value } from '@pfo-workbench/ir'
import { mask, maskHigh } from './casts.ts'
import type { FunctionContext } from './context.ts'
import { bitsOf, leaves } from './flatten.ts'
import type { WasmType } from '../signature.ts'
import type { Emitter } from '../wasm/emitter.ts'
import { op } from '../wasm/opcodes.ts'

/** Sizes of a single load or store, in bytes. */
export type AccessSize = 1 | 2 | 4 | 8

/** Pushes the value at an address, part by part. @throws Untranslatable */
export function emitLoad(context: FunctionContext, address: Value, type: Type): void {
  for (const leaf of leaves(type, context.unit.layout)) emitLoadLeaf(context, address, leaf.offset, leaf.type)
}

/** Stores a value at an address, part by part. @throws Untranslatable */
export function emitStore(context: FunctionContext, address: Value, value: Value): void {
  const parts = leaves(value.type, context.unit.layout)
  const [only] = parts
  if (only !== undefined && parts.length === 1 && value.type.kind !== 'struct' && isSingle(only.type)) {
    const size = sizes(bitsOf(only.type))[0] ?? 1
    const offset = emitAccess(context, address, 0, size, true)
    context.push(value)
    storeRaw(context, size, bitsOf(only.type) <= 32 ? 'i32' : 'i64', offset)
    return
  }
  const locals = [...context.hold(value)]
  for (const leaf of parts) emitStoreLeaf(context, address, leaf.offset, leaf.type, locals)
}

function isSingle(type: Type): boolean {
  return sizes(bitsOf(type)).length === 1
}

/** Splits an integer of `bits` bits into accesses, from the low bytes on. */
function sizes(bits: number): readonly AccessSize[] {
  let bytes = Math.ceil(bits / 8)
  const parts: AccessSize[] = []
  for (const size of [8, 4, 2, 1] as const) {
    while (bytes >= size) {
      parts.push(size)
      bytes -= size
    }
  }
  return parts
}

/** Memory offsets of the parts of an integer. On a big-endian target the order is reversed. */
function places(
  bits: number,
  bigEndian: boolean,
): readonly { size: AccessSize; at: number; shift: number }[] {
  const total = Math.ceil(bits / 8)
  let low = 0
  return sizes(bits).map((size) => {
    const place = { size, at: bigEndian ? total - low - size : low, shift: low * 8 }
    low += size
    return place
  })
}

function emitLoadLeaf(context: FunctionContext, address: Value, base: number, type: Type): void {
  const { emitter, unit } = context
  const bits = bitsOf(type)
  const parts = places(bits, unit.bigEndian)
  for (let word = 0; word < bits; word += 64) {
    const own = parts.filter(({ shift }) => shift >= word && shift < word + 64)
    const kind: WasmType = bits <= 32 ? 'i32' : 'i64'
    for (const [i, { size, at, shift }] of own.entries()) {
      loadRaw(context, size, kind, emitAccess(context, address, base + at, size, false))
      if (shift > word) {
        if (kind === 'i32') emitter.i32(shift - word)
        else emitter.i64(BigInt(shift - word))
        emitter.op(kind === 'i32' ? op.i32Shl : op.i64Shl)
      }
      if (i > 0) emitter.op(kind === 'i32' ? op.i32Or : op.i64Or)
    }
    const width = Math.min(64, bits - word)
    if (width % 8 !== 0) {
      if (kind === 'i32') mask(emitter, width)
      else maskHigh(emitter, width)
    }
  }
}

function emitStoreLeaf(
  context: FunctionContext,
  address: Value,
  base: number,
  type: Type,
  locals: number[],
): void {
  const { emitter, unit } = context
  const bits = bitsOf(type)
  const kind: WasmType = bits <= 32 ? 'i32' : 'i64'
  const words = Array.from({ length: Math.ceil(bits / 64) }, () => locals.shift() ?? 0)
  for (const { size, at, shift } of places(bits, unit.bigEndian)) {
    const offset = emitAccess(context, address, base + at, size, true)
    emitter.get(words[Math.floor(shift / 64)] ?? 0)
    if (shift % 64 > 0) {
      if (kind === 'i32') emitter.i32(shift)
      else emitter.i64(BigInt(shift % 64))
      emitter.op(kind === 'i32' ? op.i32ShrU : op.i64ShrU)
    }
    storeRaw(context, size, kind, offset)
  }
}

/**
 * Pushes the WebAssembly address of an access. Checks the access, unless the address is known to be inside a variable
 * of the frame.
 *
 * @returns the constant offset for the load or store instruction
 */
export function emitAccess(
  context: FunctionContext,
  address: Value,
  offset: number,
  size: AccessSize,
  write: boolean,
): number {
  const { emitter, frame } = context
  const known = address.kind === 'local' ? frame.addresses.get(address.name) : undefined
  if (known !== undefined && known.offset + offset + size <= known.slot.size) {
    emitter.get(context.framePointer)
    return known.slot.offset + known.offset + offset
  }
  context.push(address)
  if (offset !== 0) {
    emitter.i64(BigInt(offset))
    emitter.op(op.i64Add)
  }
  emitter.callRuntime(`${write ? 'write' : 'read'}${size}`)
  return 0
}

const loads: Readonly<Record<WasmType, Readonly<Record<AccessSize, number>>>> = {
  i32: { 1: op.i32Load8U, 2: op.i32Load16U, 4: op.i32Load, 8: op.unreachable },
  i64: { 1: op.i64Load8U, 2: op.i64Load16U, 4: op.i64Load32U, 8: op.i64Load },
}

const stores: Readonly<Record<WasmType, Readonly<Record<AccessSize, number>>>> = {
  i32: { 1: op.i32Store8, 2: op.i32Store16, 4: op.i32Store, 8: op.unreachable },
  i64: { 1: op.i64Store8, 2: op.i64Store16, 4: op.i64Store32, 8: op.i64Store },
}

/** Loads a zero-extended integer from the address on the stack. */
export function loadRaw(context: FunctionContext, size: AccessSize, type: WasmType, offset: number): void {
  context.emitter.memory(loads[type][size], offset)
  if (context.unit.bigEndian) swapBytes(context.emitter, size, type)
}

/** Stores the low bytes of the value on top of the stack to the address below it. */
export function storeRaw(context: FunctionContext, size: AccessSize, type: WasmType, offset: number): void {
  if (context.unit.bigEndian) swapBytes(context.emitter, size, type)
  context.emitter.memory(stores[type][size], offset)
}

/** Reverses the low `size` bytes of the value on the stack. */
export function swapBytes(emitter: Emitter, size: AccessSize, type: WasmType): void {
  if (size === 1) return
  if (type === 'i32') {
    emitter.callRuntime('swap32')
    if (size === 2) {
      emitter.i32(16)
      emitter.op(op.i32ShrU)
    }
    return
  }
  emitter.callRuntime('swap64')
  if (size < 8) {
    emitter.i64(BigInt(64 - size * 8))
    emitter.op(op.i64ShrU)
  }
}
