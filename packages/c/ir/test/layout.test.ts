// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { DataLayout, integerType, pointerType, type StructType, type Type } from '../src/index.ts'

const ppc64le = new DataLayout('e-m:e-Fn32-i64:64-n32:64-S128-v256:256:256-v512:512:512')
const ppc = new DataLayout('E-m:e-p:32:32-Fn32-i64:64-n32')

function struct(fields: readonly Type[], packed = false): StructType {
  return { kind: 'struct', name: null, fields, packed }
}

describe('a data layout', () => {
  it.each([
    [1, 1, 1],
    [8, 1, 1],
    [16, 2, 2],
    [24, 4, 4],
    [32, 4, 4],
    [48, 8, 8],
    [64, 8, 8],
    // Layouts before LLVM 20 do not list i128, so it has the alignment of the largest listed width.
    [128, 16, 8],
  ])('has i%i with %i bytes, aligned to %i', (bits, size, alignment) => {
    expect([ppc64le.size(integerType(bits)), ppc64le.alignment(integerType(bits))]).toEqual([size, alignment])
  })

  it('aligns i128 to 16 if the target lists it, as LLVM 20 does', () => {
    expect(new DataLayout('e-i64:64-i128:128').alignment(integerType(128))).toBe(16)
  })

  it('distinguishes the store size from the size of an array element', () => {
    expect(ppc64le.storeSize(integerType(24))).toBe(3)
    expect(ppc64le.storeSize(integerType(1))).toBe(1)
  })

  it('aligns fields and pads the end', () => {
    const type = struct([integerType(8), integerType(64), integerType(16)])
    expect(ppc64le.struct(type)).toEqual({ size: 24, alignment: 8, offsets: [0, 8, 16] })
  })

  it('packs packed structures', () => {
    const type = struct([integerType(8), integerType(64), integerType(16)], true)
    expect(ppc64le.struct(type)).toEqual({ size: 11, alignment: 1, offsets: [0, 1, 9] })
  })

  it("has pointers of the target's size", () => {
    const type = struct([integerType(8), pointerType])
    expect(ppc64le.size(type)).toBe(16)
    expect(ppc.size(type)).toBe(8)
    expect([ppc64le.bigEndian, ppc.bigEndian]).toEqual([false, true])
  })

  it('aligns i64 to 4 if the target states no alignment', () => {
    expect(new DataLayout('e-p:32:32').alignment(integerType(64))).toBe(4)
  })

  it('has pointers of other address spaces', () => {
    const layout = new DataLayout('e-p:64:64-p1:32:32')
    expect(layout.size({ kind: 'pointer', addressSpace: 1 })).toBe(4)
    expect(layout.size({ kind: 'pointer', addressSpace: 2 })).toBe(8)
  })

  it('has sizes of arrays, vectors and floating-point types', () => {
    const three = struct([integerType(32), integerType(8)])
    expect(ppc64le.size({ kind: 'array', length: 3, element: three })).toBe(24)
    expect(ppc64le.size({ kind: 'vector', length: 4, scalable: false, element: integerType(32) })).toBe(16)
    expect(ppc64le.size({ kind: 'float', name: 'double' })).toBe(8)
    expect(ppc64le.size({ kind: 'float', name: 'ppc_fp128' })).toBe(16)
  })

  it('has size 0 for types without a size', () => {
    expect(ppc64le.size({ kind: 'struct', name: 'struct.opaque', fields: null, packed: false })).toBe(0)
    expect(ppc64le.size({ kind: 'void' })).toBe(0)
  })
})
