// SPDX-License-Identifier: GPL-2.0-only
import {
  dataBase,
  functionBase,
  functionStride,
  helperSignatures,
  shadowStackRedzone,
  stackRedzone,
  type HelperName,
  type Signature,
} from '@pfo-workbench/object'
import { bulkCopy, bulkFill, Emitter, op, type NameTable } from '@pfo-workbench/object/wasm'

/**
 * C functions that every image has, because kernels implement them in assembler. A definition in the tree takes
 * precedence.
 */
export const builtinSignatures: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ['memcpy', { parameters: ['i64', 'i64', 'i64'], results: ['i64'] }],
  ['memmove', { parameters: ['i64', 'i64', 'i64'], results: ['i64'] }],
  ['memset', { parameters: ['i64', 'i32', 'i64'], results: ['i64'] }],
])

/** Layout that the code of helpers depends on. */
export interface HelperLayout {
  /** Size of C's memory. */
  readonly memorySize: number
  /** Start of shadow memory. */
  readonly shadow: number
  /** Number of entries of the function table. */
  readonly tableSize: number
}

/** Emits the code of a helper, or of a C function that every image has. */
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
  ['guard', emitGuard],
  ['unguard', emitUnguard],
  ['swap32', emitSwap32],
  ['swap64', emitSwap64],
  ['multiplyHigh', emitMultiplyHigh],
  ['memcpy', (emitter) => emitReturningFirst(emitter, 'copy')],
  ['memmove', (emitter) => emitReturningFirst(emitter, 'copy')],
  ['memset', (emitter) => emitReturningFirst(emitter, 'fill')],
])

/** Pushes the offset of the pointer in a local from the start of memory, as an i64. */
function pushDistance(emitter: Emitter, pointer: number): void {
  emitter.get(pointer)
  emitter.i64(BigInt.asIntN(64, -dataBase))
  emitter.op(op.i64Add)
}

/** Pushes the shadow of the address that `push` pushes. */
function pushShadow(emitter: Emitter, layout: HelperLayout, push: () => void): void {
  push()
  emitter.i32(3)
  emitter.op(op.i32ShrU)
  emitter.memory(op.i32Load8U, layout.shadow)
}

/** Checks the shadow of the first and the last byte. For most accesses both are 0. */
function emitAccess(emitter: Emitter, layout: HelperLayout, size: number, write: boolean): void {
  const pointer = 0
  const address = emitter.local('i32')
  const first = emitter.local('i32')
  const last = emitter.local('i32')
  const pushLast = (): void => {
    emitter.get(address)
    if (size > 1) {
      emitter.i32(size - 1)
      emitter.op(op.i32Add)
    }
  }
  const returnAddress = (): void => {
    emitter.block(op.if)
    emitter.get(address)
    emitter.op(op.return, op.end)
  }
  pushDistance(emitter, pointer)
  emitter.i64(BigInt(layout.memorySize - size))
  emitter.op(op.i64LeU)
  emitter.block(op.if)
  emitter.get(pointer)
  emitter.op(op.i32WrapI64)
  emitter.set(address)
  pushShadow(emitter, layout, () => emitter.get(address))
  emitter.tee(first)
  pushShadow(emitter, layout, pushLast)
  emitter.tee(last)
  emitter.op(op.i32Or, op.i32Eqz)
  returnAddress()
  // The last granule may be partially accessible: the position of the byte in it must be below the shadow value.
  emitter.get(last)
  emitter.i32(8)
  emitter.op(op.i32LtU)
  pushLast()
  emitter.i32(7)
  emitter.op(op.i32And)
  emitter.get(last)
  emitter.op(op.i32LtU, op.i32And)
  // If the access starts in the granule before it, that granule must be fully accessible.
  emitter.get(first)
  emitter.op(op.i32Eqz)
  emitter.get(address)
  pushLast()
  emitter.op(op.i32Xor)
  emitter.i32(8)
  emitter.op(op.i32LtU, op.i32Or, op.i32And)
  returnAddress()
  emitter.op(op.end)
  emitter.get(pointer)
  emitter.i32(size)
  emitter.i32(write ? 1 : 0)
  emitter.callRuntime('badAccess')
  emitter.get(pointer)
  emitter.op(op.i32WrapI64)
}

/** Checks the shadow of every granule of a range. */
function emitRange(emitter: Emitter, layout: HelperLayout, write: boolean): void {
  const [pointer, length] = [0, 1]
  const at = emitter.local('i32')
  const end = emitter.local('i32')
  const shadow = emitter.local('i32')
  emitter.get(length)
  emitter.op(op.i64Eqz)
  emitter.block(op.if)
  emitter.op(op.return, op.end)
  emitter.block(op.block)
  // Check the offset and the remaining length separately, so that no sum overflows.
  pushDistance(emitter, pointer)
  emitter.i64(BigInt(layout.memorySize))
  emitter.op(op.i64GtU)
  emitter.branch(op.brIf, 0)
  emitter.get(length)
  emitter.i64(BigInt(layout.memorySize))
  pushDistance(emitter, pointer)
  emitter.op(op.i64Sub, op.i64GtU)
  emitter.branch(op.brIf, 0)
  emitter.get(pointer)
  emitter.op(op.i32WrapI64)
  emitter.tee(at)
  emitter.get(length)
  emitter.op(op.i32WrapI64, op.i32Add)
  emitter.i32(1)
  emitter.op(op.i32Sub)
  emitter.set(end)
  emitter.block(op.loop)
  pushShadow(emitter, layout, () => emitter.get(at))
  emitter.tee(shadow)
  emitter.block(op.if)
  // Only the last granule may be partially accessible, up to the last byte.
  emitter.get(at)
  emitter.i32(-8)
  emitter.op(op.i32And)
  emitter.get(end)
  emitter.i32(-8)
  emitter.op(op.i32And, op.i32Ne)
  emitter.branch(op.brIf, 2)
  emitter.get(end)
  emitter.i32(7)
  emitter.op(op.i32And)
  emitter.get(shadow)
  emitter.op(op.i32GeU)
  emitter.branch(op.brIf, 2)
  emitter.get(shadow)
  emitter.i32(8)
  emitter.op(op.i32GeU)
  emitter.branch(op.brIf, 2)
  emitter.op(op.end)
  emitter.get(at)
  emitter.i32(-8)
  emitter.op(op.i32And)
  emitter.i32(8)
  emitter.op(op.i32Add)
  emitter.tee(at)
  emitter.get(end)
  emitter.op(op.i32LeU)
  emitter.branch(op.brIf, 0)
  emitter.op(op.end, op.return, op.end)
  emitter.get(pointer)
  emitter.get(length)
  emitter.i32(write ? 1 : 0)
  emitter.callRuntime('badRange')
}

/** `memory.copy` traps on an invalid address even if the length is 0. */
function emitUnlessEmpty(emitter: Emitter, length: number, then: () => void): void {
  emitter.get(length)
  emitter.op(op.i64Eqz, op.i32Eqz)
  emitter.block(op.if)
  then()
  emitter.op(op.end)
}

function pushLow(emitter: Emitter, local: number): void {
  emitter.get(local)
  emitter.op(op.i32WrapI64)
}

function emitCopy(emitter: Emitter): void {
  const [to, from, length] = [0, 1, 2]
  emitter.get(from)
  emitter.get(length)
  emitter.callRuntime('readRange')
  emitter.get(to)
  emitter.get(length)
  emitter.callRuntime('writeRange')
  emitUnlessEmpty(emitter, length, () => {
    for (const local of [to, from, length]) pushLow(emitter, local)
    emitter.op(op.bulk, bulkCopy, 0, 0)
  })
}

function emitFill(emitter: Emitter): void {
  const [to, byte, length] = [0, 1, 2]
  emitter.get(to)
  emitter.get(length)
  emitter.callRuntime('writeRange')
  emitUnlessEmpty(emitter, length, () => {
    pushLow(emitter, to)
    emitter.get(byte)
    pushLow(emitter, length)
    emitter.op(op.bulk, bulkFill, 0)
  })
}

function emitReturningFirst(emitter: Emitter, helper: 'copy' | 'fill'): void {
  for (const local of [0, 1, 2]) emitter.get(local)
  emitter.callRuntime(helper)
  emitter.get(0)
}

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

/** Fills shadow memory with a value, for a number of granules from the address that `push` pushes. */
function emitShadowFill(
  emitter: Emitter,
  layout: HelperLayout,
  push: () => void,
  value: number,
  pushCount: () => void,
): void {
  push()
  emitter.i32(3)
  emitter.op(op.i32ShrU)
  emitter.i32(layout.shadow)
  emitter.op(op.i32Add)
  emitter.i32(value)
  pushCount()
  emitter.op(op.bulk, bulkFill, 0)
}

/** The redzone after a variable ends 16 bytes after the next multiple of 16. */
function emitGuard(emitter: Emitter, layout: HelperLayout): void {
  const [address, size, variable] = [0, 1, 2]
  const end = emitter.local('i32')
  const before = (): void => {
    emitter.get(address)
    emitter.i32(stackRedzone)
    emitter.op(op.i32Sub)
  }
  before()
  emitter.get(variable)
  emitter.memory(op.i32Store, 0)
  emitShadowFill(emitter, layout, before, shadowStackRedzone, () => emitter.i32(stackRedzone / 8))
  emitter.get(address)
  emitter.get(size)
  emitter.op(op.i32Add)
  emitter.set(end)
  // The last granule of the variable is partially accessible.
  emitter.get(size)
  emitter.i32(7)
  emitter.op(op.i32And)
  emitter.block(op.if)
  emitter.get(end)
  emitter.i32(3)
  emitter.op(op.i32ShrU)
  emitter.get(size)
  emitter.i32(7)
  emitter.op(op.i32And)
  emitter.memory(op.i32Store8, layout.shadow)
  emitter.op(op.end)
  const alignedEnd = (alignment: number): void => {
    emitter.get(end)
    emitter.i32(alignment - 1)
    emitter.op(op.i32Add)
    emitter.i32(-alignment)
    emitter.op(op.i32And)
  }
  emitShadowFill(
    emitter,
    layout,
    () => alignedEnd(8),
    shadowStackRedzone,
    () => {
      alignedEnd(16)
      emitter.i32(16)
      emitter.op(op.i32Add)
      alignedEnd(8)
      emitter.op(op.i32Sub)
      emitter.i32(3)
      emitter.op(op.i32ShrU)
    },
  )
}

function emitUnguard(emitter: Emitter, layout: HelperLayout): void {
  emitShadowFill(
    emitter,
    layout,
    () => emitter.get(0),
    0,
    () => {
      emitter.get(1)
      emitter.i32(3)
      emitter.op(op.i32ShrU)
    },
  )
}

function emitSwap32(emitter: Emitter): void {
  emitter.get(0)
  emitter.i32(8)
  emitter.op(op.i32Rotl)
  emitter.i32(0x00ff00ff)
  emitter.op(op.i32And)
  emitter.get(0)
  emitter.i32(8)
  emitter.op(op.i32Rotr)
  emitter.i32(0xff00ff00)
  emitter.op(op.i32And, op.i32Or)
}

function emitSwap64(emitter: Emitter): void {
  emitter.get(0)
  emitter.op(op.i32WrapI64)
  emitter.callRuntime('swap32')
  emitter.op(op.i64ExtendI32U)
  emitter.i64(32n)
  emitter.op(op.i64Shl)
  emitter.get(0)
  emitter.i64(32n)
  emitter.op(op.i64ShrU, op.i32WrapI64)
  emitter.callRuntime('swap32')
  emitter.op(op.i64ExtendI32U, op.i64Or)
}

/** Adds up four products of halves. The two middle products carry into the upper half. */
function emitMultiplyHigh(emitter: Emitter): void {
  const [a, b] = [0, 1]
  const middle = emitter.local('i64')
  const cross = emitter.local('i64')
  const half = (local: number, high: boolean): void => {
    emitter.get(local)
    if (high) {
      emitter.i64(32n)
      emitter.op(op.i64ShrU)
    } else {
      emitter.i64(0xffffffffn)
      emitter.op(op.i64And)
    }
  }
  const shiftDown = (): void => {
    emitter.i64(32n)
    emitter.op(op.i64ShrU)
  }
  half(a, true)
  half(b, false)
  emitter.op(op.i64Mul)
  half(a, false)
  half(b, false)
  emitter.op(op.i64Mul)
  shiftDown()
  emitter.op(op.i64Add)
  emitter.set(middle)
  half(a, false)
  half(b, true)
  emitter.op(op.i64Mul)
  emitter.get(middle)
  emitter.i64(0xffffffffn)
  emitter.op(op.i64And, op.i64Add)
  emitter.set(cross)
  half(a, true)
  half(b, true)
  emitter.op(op.i64Mul)
  emitter.get(middle)
  shiftDown()
  emitter.op(op.i64Add)
  emitter.get(cross)
  shiftDown()
  emitter.op(op.i64Add)
}
