// SPDX-License-Identifier: GPL-2.0-only
import type { StructType, Type } from './types.ts'

/** Layout of a structure, in bytes. */
export interface StructLayout {
  readonly size: number
  readonly alignment: number
  readonly offsets: readonly number[]
}

interface Extent {
  readonly size: number
  readonly alignment: number
}

/**
 * Sizes and alignments of a target, from its `target datalayout` string as LLVM's language reference defines it. Opaque
 * structures, functions and other types without a size have size 0.
 */
export class DataLayout {
  readonly text: string
  readonly bigEndian: boolean
  private readonly pointers = new Map<number, Extent>([[0, { size: 8, alignment: 8 }]])
  private readonly integers = new Map<number, number>([
    [1, 1],
    [8, 1],
    [16, 2],
    [32, 4],
    [64, 4],
  ])
  private readonly floats = new Map<number, number>([
    [16, 2],
    [32, 4],
    [64, 8],
    [128, 16],
  ])
  private readonly vectors = new Map<number, number>([
    [64, 8],
    [128, 16],
  ])
  private readonly extents = new Map<Type, Extent>()
  private readonly structs = new Map<StructType, StructLayout>()

  constructor(text: string) {
    this.text = text
    const specifications = text.split('-')
    this.bigEndian = specifications.includes('E')
    for (const specification of specifications) this.read(specification)
  }

  /** Size of a pointer in address space 0, in bytes. */
  get pointerSize(): number {
    return this.pointer(0).size
  }

  /** Size of an array element, in bytes, including padding. */
  size(type: Type): number {
    return this.extent(type).size
  }

  /** ABI alignment, in bytes. */
  alignment(type: Type): number {
    return this.extent(type).alignment
  }

  /** Bytes that a load or store of the type accesses. */
  storeSize(type: Type): number {
    return type.kind === 'integer' ? Math.ceil(type.bits / 8) : this.size(type)
  }

  /** The layout of a structure. An opaque structure has size 0 and no fields. */
  struct(type: StructType): StructLayout {
    let layout = this.structs.get(type)
    if (layout === undefined) {
      const offsets: number[] = []
      let end = 0
      let alignment = 1
      for (const field of type.fields ?? []) {
        const extent = this.extent(field)
        const fieldAlignment = type.packed ? 1 : extent.alignment
        end = alignTo(end, fieldAlignment)
        offsets.push(end)
        end += extent.size
        alignment = Math.max(alignment, fieldAlignment)
      }
      layout = { size: alignTo(end, alignment), alignment, offsets }
      // Do not cache an opaque structure: a later line of the module may define it.
      if (type.fields !== null) this.structs.set(type, layout)
    }
    return layout
  }

  private extent(type: Type): Extent {
    switch (type.kind) {
      case 'pointer':
        return this.pointer(type.addressSpace)
      case 'struct':
        return this.struct(type)
      default: {
        let extent = this.extents.get(type)
        if (extent === undefined) this.extents.set(type, (extent = this.compute(type)))
        return extent
      }
    }
  }

  private compute(type: Type): Extent {
    switch (type.kind) {
      case 'integer':
        return this.integer(type.bits)
      case 'float':
        return this.float(type.name)
      case 'array': {
        const element = this.extent(type.element)
        return { size: element.size * type.length, alignment: element.alignment }
      }
      case 'vector': {
        const bits = type.element.kind === 'integer' ? type.element.bits : this.extent(type.element).size * 8
        const size = Math.ceil((bits * type.length) / 8)
        const alignment = this.vectors.get(size * 8) ?? nextPowerOfTwo(size)
        return { size: alignTo(size, alignment), alignment }
      }
      default:
        return { size: 0, alignment: 1 }
    }
  }

  private pointer(addressSpace: number): Extent {
    return this.pointers.get(addressSpace) ?? this.pointers.get(0) ?? { size: 8, alignment: 8 }
  }

  /** An unlisted width has the alignment of the next larger listed width, or of the largest. */
  private integer(bits: number): Extent {
    let alignment = this.integers.get(bits)
    if (alignment === undefined) {
      const widths = [...this.integers.keys()].sort((a, b) => a - b)
      const width = widths.find((listed) => listed >= bits) ?? widths.at(-1) ?? 64
      alignment = this.integers.get(width) ?? 1
    }
    return { size: alignTo(Math.ceil(bits / 8), alignment), alignment }
  }

  private float(name: string): Extent {
    const bits = floatBits.get(name) ?? 128
    const alignment = this.floats.get(bits) ?? nextPowerOfTwo(bits / 8)
    return { size: alignTo(bits / 8, alignment), alignment }
  }

  private read(specification: string): void {
    const [head = '', ...rest] = specification.split(':')
    const numbers = rest.map(Number)
    const kind = head.charAt(0)
    const width = Number(head.slice(1))
    if (kind === 'p') {
      const size = (numbers[0] ?? 64) / 8
      const alignment = (numbers[1] ?? numbers[0] ?? 64) / 8
      if (Number.isFinite(size + alignment)) {
        this.pointers.set(Number.isFinite(width) ? width : 0, { size, alignment })
      }
      return
    }
    const table =
      kind === 'i' ? this.integers : kind === 'f' ? this.floats : kind === 'v' ? this.vectors : null
    const alignment = numbers[0]
    if (table !== null && width > 0 && alignment !== undefined && alignment > 0) {
      table.set(width, alignment / 8)
    }
  }
}

const floatBits = new Map([
  ['half', 16],
  ['bfloat', 16],
  ['float', 32],
  ['double', 64],
  ['x86_fp80', 80],
  ['fp128', 128],
  ['ppc_fp128', 128],
])

/** Rounds up to a multiple of an alignment. */
export function alignTo(value: number, alignment: number): number {
  return alignment <= 1 ? value : Math.ceil(value / alignment) * alignment
}

function nextPowerOfTwo(value: number): number {
  let power = 1
  while (power < value) power *= 2
  return power
}
