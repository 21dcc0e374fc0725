// SPDX-License-Identifier: GPL-2.0-only
import type { Constant, DataLayout, StructType, Type } from '@pfo-workbench/ir'
import {
  integer,
  opaque,
  type PointerValue,
  type SymbolName,
  type Value,
  type MemoryCell,
  type FieldPlace,
  type MemoryObject,
} from '../value/value.ts'

/** Maximum number of elements of an array or structure that is accessed element by element. */
const longestAggregate = 64

/** Maximum size, in bytes, of a structure or array that is accessed element by element. */
const largestAggregate = 4096

/** Maximum size, in bytes, of a constant variable that is read. */
const largestInitializer = 65_536

/** Interface that the path provides to memory. */
export interface SymbolSource {
  /** A new unknown value of a type, read from memory that was never written. */
  unknown(type: Type, name: SymbolName): Value
  /** The value of a constant of an initializer. */
  constant(value: Constant): Value
}

/**
 * Reads and writes objects. Memory that was never written reads as a new unknown value, the same one each time.
 * Elements at symbolic indexes are kept by the key of the index: two indexes that are not known to be equal count as
 * different places.
 */
export class Memory {
  private readonly layout: DataLayout
  private readonly source: SymbolSource

  constructor(layout: DataLayout, source: SymbolSource) {
    this.layout = layout
    this.source = source
  }

  /** Reads a value. A structure or array that is too large to be read element by element is opaque. */
  load(address: PointerValue, type: Type): Value {
    const parts = this.parts(type)
    if (parts !== null) {
      return {
        kind: 'aggregate',
        elements: parts.map(({ offset, type: part, field }) =>
          this.load({ ...address, offset: address.offset + offset, field: field ?? address.field }, part),
        ),
      }
    }
    if (type.kind === 'array' || type.kind === 'struct') return opaque
    const { object, offset, index, field } = address
    this.prepare(object)
    const size = this.layout.storeSize(type)
    const cells = object.cells.get(index)
    const cell = cells?.get(offset)
    if (cell?.size === size) return cell.value
    const covering = cell ?? this.covering(cells, offset, size)
    if (covering !== undefined) {
      const [start, whole] = covering instanceof Array ? covering : [offset, covering]
      return this.piece(whole, offset - start, size, type)
    }
    if (index === '' && isZero(object, offset, size)) {
      return integer(0n, type.kind === 'integer' ? type.bits : size * 8)
    }
    const value = this.source.unknown(type, { kind: 'memory', object, offset, field })
    // A narrower cell in the range stays. The new value is not stored then: nothing is known about how the two relate.
    if (cells === undefined || !overlaps(cells, offset, size)) {
      this.put(object, index, offset, { value, size, lazy: true, field })
    }
    return value
  }

  /** Writes a value. A structure or array that is too large to be written element by element becomes unknown. */
  store(address: PointerValue, value: Value, type: Type): void {
    const parts = this.parts(type)
    if (parts !== null) {
      const elements = value.kind === 'aggregate' ? value.elements : []
      parts.forEach(({ offset, type: part, field }, i) => {
        const element =
          elements[i] ?? (value.kind === 'integer' && value.value === 0n ? this.zero(part) : opaque)
        this.store(
          { ...address, offset: address.offset + offset, field: field ?? address.field },
          element,
          part,
        )
      })
      return
    }
    const size = this.layout.storeSize(type)
    const { object, offset, index, field } = address
    if (type.kind === 'array' || type.kind === 'struct') {
      this.erase(object, index, offset, size)
      return
    }
    this.erase(object, index, offset, size)
    this.put(object, index, offset, { value, size, lazy: false, field })
  }

  /** `memset`: sets bytes. Only 0 is kept as a known value. */
  fill(address: PointerValue, byte: Value, length: number): void {
    const { object, offset, index } = address
    this.erase(object, index, offset, length)
    if (index === '' && byte.kind === 'integer' && byte.value === 0n)
      object.zeroes.push([offset, offset + length])
  }

  /** `memcpy`: copies bytes. A cell that lies only partly in the range is not copied; its bytes become unknown. */
  copy(to: PointerValue, from: PointerValue, length: number): void {
    this.prepare(from.object)
    const cells = [...(from.object.cells.get(from.index) ?? [])]
    const zeroes = from.index === '' ? from.object.zeroes : []
    this.erase(to.object, to.index, to.offset, length)
    const distance = to.offset - from.offset
    if (to.index === '') {
      for (const [start, end] of zeroes) {
        const low = Math.max(start, from.offset)
        const high = Math.min(end, from.offset + length)
        if (low < high) to.object.zeroes.push([low + distance, high + distance])
      }
    }
    for (const [offset, cell] of cells) {
      if (offset < from.offset || offset + cell.size > from.offset + length) continue
      this.put(to.object, to.index, offset + distance, { ...cell, lazy: false })
    }
  }

  /**
   * Forgets the content of an object whose address was passed to a function that is not executed: the function may have
   * written to the object.
   *
   * @param keeps - returns true to keep pointers to an object. An owned reference must not be lost because of a guess.
   */
  forget(object: MemoryObject, keeps: (object: MemoryObject) => boolean): void {
    object.zeroes = []
    for (const cells of object.cells.values()) {
      for (const [offset, { value }] of [...cells]) {
        const target =
          value.kind === 'pointer' ? value.object : value.kind === 'undecided' ? value.symbol.object : null
        if (target === null || !keeps(target)) cells.delete(offset)
      }
    }
  }

  /** Fills constant variables on their first read. */
  private prepare(object: MemoryObject): void {
    const { initializer } = object
    if (initializer === null) return
    object.initializer = null
    if (this.layout.size(initializer.type) <= largestInitializer) this.initialize(object, initializer)
  }

  /** Writes the content of an initializer. */
  private initialize(
    object: MemoryObject,
    value: Constant,
    offset = 0,
    field: FieldPlace | null = null,
  ): void {
    const { type } = value
    const size = this.layout.size(type)
    switch (value.kind) {
      case 'zero':
        object.zeroes.push([offset, offset + size])
        return
      case 'aggregate': {
        const offsets = type.kind === 'struct' ? this.layout.struct(type).offsets : null
        value.elements.forEach((element, i) => {
          const at = offsets === null ? i * this.layout.size(element.type) : (offsets[i] ?? 0)
          const place = type.kind === 'struct' ? fieldOf(type, at) : field
          this.initialize(object, element, offset + at, place)
        })
        return
      }
      case 'bytes':
        value.bytes.forEach((byte, i) =>
          this.put(object, '', offset + i, { value: integer(BigInt(byte), 8), size: 1, lazy: false, field }),
        )
        return
      default:
        this.put(object, '', offset, { value: this.source.constant(value), size, lazy: false, field })
    }
  }

  /** The elements of a small structure or array; null for any other type. */
  private parts(type: Type): readonly { offset: number; type: Type; field: FieldPlace | null }[] | null {
    if ((type.kind === 'struct' || type.kind === 'array') && this.layout.size(type) > largestAggregate)
      return null
    if (type.kind === 'struct' && type.fields !== null && type.fields.length <= longestAggregate) {
      const { offsets } = this.layout.struct(type)
      return type.fields.map((field, i) => ({
        offset: offsets[i] ?? 0,
        type: field,
        field: fieldOf(type, offsets[i] ?? 0),
      }))
    }
    if (type.kind === 'array' && type.length <= longestAggregate) {
      const size = this.layout.size(type.element)
      return Array.from({ length: type.length }, (_, i) => ({
        offset: i * size,
        type: type.element,
        field: null,
      }))
    }
    return null
  }

  private zero(type: Type): Value {
    if (type.kind === 'integer') return integer(0n, type.bits)
    return integer(0n, this.layout.size(type) * 8)
  }

  private covering(
    cells: Map<number, MemoryCell> | undefined,
    offset: number,
    size: number,
  ): [number, MemoryCell] | undefined {
    for (const [start, cell] of cells ?? []) {
      if (start < offset && offset + size <= start + cell.size) return [start, cell]
    }
    return undefined
  }

  /** Part of a cell: the bytes of a known integer. Parts of other values are unknown. */
  private piece({ value, size: whole }: MemoryCell, start: number, size: number, type: Type): Value {
    if (value.kind !== 'integer' || start + size > whole || type.kind === 'float') return opaque
    const shift = this.layout.bigEndian ? whole - start - size : start
    return integer(value.value >> BigInt(shift * 8), type.kind === 'integer' ? type.bits : size * 8)
  }

  private put(object: MemoryObject, index: string, offset: number, cell: MemoryCell): void {
    let cells = object.cells.get(index)
    if (cells === undefined) object.cells.set(index, (cells = new Map<number, MemoryCell>()))
    cells.set(offset, cell)
  }

  /** Forgets the content of a range of bytes, and all cells that overlap it. */
  private erase(object: MemoryObject, index: string, offset: number, length: number): void {
    const cells = object.cells.get(index)
    if (cells !== undefined) {
      const same = cells.get(offset)
      if (same?.size === length) cells.delete(offset)
      else {
        for (const [start, cell] of [...cells]) {
          if (start < offset + length && offset < start + cell.size) cells.delete(start)
        }
      }
    }
    if (index === '' && object.zeroes.length > 0) {
      object.zeroes = object.zeroes.flatMap(([from, to]) => {
        if (to <= offset || from >= offset + length) return [[from, to] as const]
        const rest: (readonly [number, number])[] = []
        if (from < offset) rest.push([from, offset])
        if (to > offset + length) rest.push([offset + length, to])
        return rest
      })
    }
  }
}

/** A field by its structure and offset, for reports; null for unnamed structures. */
export function fieldOf(type: StructType, offset: number): FieldPlace | null {
  return type.name === null ? null : { struct: type.name, offset }
}

function isZero(object: MemoryObject, offset: number, size: number): boolean {
  return object.zeroes.some(([from, to]) => from <= offset && offset + size <= to)
}

function overlaps(cells: Map<number, MemoryCell>, offset: number, size: number): boolean {
  for (const [start, cell] of cells) if (start < offset + size && offset < start + cell.size) return true
  return false
}
