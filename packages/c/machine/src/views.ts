// SPDX-License-Identifier: GPL-2.0-only
import type { Layout, LayoutField, LayoutType } from '@pfo-workbench/object'
import { pointerTo, type Memory } from './memory.ts'

/** Thrown for a structure or a field that this kernel does not have. */
export class LayoutError extends Error {
  override readonly name = 'LayoutError'
}

/** Position of a field, relative to the outermost structure. */
interface FieldPosition {
  readonly offset: number
  readonly type: LayoutType
  /**
   * For a bit-field: offset in bits from the start of the outermost structure, in the numbering of debug information.
   */
  readonly bit: number | null
}

/** The layouts of a kernel's structures. */
export class Layouts {
  readonly #layouts: ReadonlyMap<string, Layout>
  /** Cache of `outerFieldAt`: each lock is named by its field when it is taken. */
  readonly #outerNames = new Map<string, Map<number, string>>()
  /** Cache of `isWithin`: each counter is looked up when it changes. */
  readonly #within = new Map<string, Map<number, Map<string, boolean>>>()
  readonly #places = new Map<string, Map<string, FieldPosition | null>>()

  constructor(layouts: ReadonlyMap<string, Layout>) {
    this.#layouts = layouts
  }

  /** True if this kernel has a structure, and a field with that path in it. */
  has(struct: string, path?: string): boolean {
    return path === undefined ? this.#layouts.has(struct) : this.#find(struct, path) !== null
  }

  /** Size of a structure in bytes. @throws LayoutError if this kernel has none of that name */
  sizeOf(struct: string): number {
    return this.#layout(struct).size
  }

  /** Offset of a field in bytes. `path` has a dot for each nested structure. @throws LayoutError */
  offsetOf(struct: string, path: string): number {
    return this.place(struct, path).offset
  }

  /** Position of a field. @throws LayoutError if there is none */
  place(struct: string, path: string): FieldPosition {
    const place = this.#find(struct, path)
    if (place === null) throw new LayoutError(`struct ${struct} of this kernel has no field "${path}"`)
    return place
  }

  #find(struct: string, path: string): FieldPosition | null {
    let places = this.#places.get(struct)
    if (places === undefined) {
      places = new Map()
      this.#places.set(struct, places)
    }
    let place = places.get(path)
    if (place === undefined) {
      place = this.#walk(struct, path)
      places.set(path, place)
    }
    return place
  }

  #walk(struct: string, path: string): FieldPosition | null {
    let fields = this.#layouts.get(struct)?.fields
    let offset = 0
    let type: LayoutType | undefined
    let bit: number | null = null
    for (const name of path.split('.')) {
      const field = fields?.find((one) => one.name === name)
      if (field === undefined) return null
      bit = field.bits === null ? null : offset * 8 + field.bits.offset
      offset += field.offset
      type = field.type
      fields = this.#fieldsOf(type)
    }
    return type === undefined ? null : { offset, type, bit }
  }

  /** The path of the innermost field that contains a byte of a structure; `+12` if no field does. */
  fieldAt(struct: string, offset: number): string {
    const layout = this.#layouts.get(struct)
    const path = layout === undefined ? [] : this.#pathTo(layout.fields, offset)
    return path.length === 0 ? `+${String(offset)}` : path.join('.')
  }

  /** The name of the outermost field that contains a byte of a structure; `+12` if no field does. */
  outerFieldAt(struct: string, offset: number): string {
    let fields = this.#outerNames.get(struct)
    if (fields === undefined) this.#outerNames.set(struct, (fields = new Map<number, string>()))
    let name = fields.get(offset)
    if (name === undefined) {
      const [outer = ''] = this.fieldAt(struct, offset).split('.')
      fields.set(offset, (name = outer))
    }
    return name
  }

  /** True if a byte of a structure is within a nested structure of another type, such as a `kobject`. */
  isWithin(struct: string, offset: number, wanted: string): boolean {
    let offsets = this.#within.get(struct)
    if (offsets === undefined) this.#within.set(struct, (offsets = new Map<number, Map<string, boolean>>()))
    let structs = offsets.get(offset)
    if (structs === undefined) offsets.set(offset, (structs = new Map<string, boolean>()))
    let answer = structs.get(wanted)
    if (answer === undefined) structs.set(wanted, (answer = this.#isWithin(struct, offset, wanted)))
    return answer
  }

  #isWithin(struct: string, offset: number, wanted: string): boolean {
    let fields = this.#layouts.get(struct)?.fields
    let rest = offset
    while (fields !== undefined) {
      const field = fields.find((one) => one.offset <= rest && rest < one.offset + one.size)
      if (field === undefined) return false
      if (field.type.kind === 'struct' && field.type.name === wanted) return true
      rest -= field.offset
      fields = this.#fieldsOf(field.type)
    }
    return false
  }

  #pathTo(fields: readonly LayoutField[], offset: number): string[] {
    const field = fields.find((one) => one.offset <= offset && offset < one.offset + one.size)
    if (field === undefined) return []
    return [field.name, ...this.#pathTo(this.#fieldsOf(field.type), offset - field.offset)]
  }

  #fieldsOf(type: LayoutType): readonly LayoutField[] {
    if (type.kind === 'unnamed') return type.fields
    return type.kind === 'struct' ? (this.#layouts.get(type.name)?.fields ?? []) : []
  }

  #layout(struct: string): Layout {
    const layout = this.#layouts.get(struct)
    if (layout === undefined) throw new LayoutError(`this kernel has no struct ${struct}`)
    return layout
  }
}

/**
 * A structure in C memory, accessed by field name without checking the shadow. A field of a nested structure has a path
 * (`kobj.kref.refcount`).
 */
export class View {
  readonly address: number
  readonly struct: string
  readonly #memory: Memory
  readonly #layouts: Layouts

  constructor(memory: Memory, layouts: Layouts, struct: string, address: number) {
    this.#memory = memory
    this.#layouts = layouts
    this.struct = struct
    this.address = address
  }

  /** The C pointer to the structure. */
  get pointer(): bigint {
    return pointerTo(this.address)
  }

  /** True if this kernel's structure has the field. */
  has(path: string): boolean {
    return this.#layouts.has(this.struct, path)
  }

  /** Address of a field. */
  addressOf(path: string): number {
    return this.address + this.#layouts.offsetOf(this.struct, path)
  }

  /** A nested structure. */
  inner(path: string): View {
    const { offset, type } = this.#layouts.place(this.struct, path)
    if (type.kind !== 'struct') throw new LayoutError(`"${path}" of struct ${this.struct} is not a structure`)
    return new View(this.#memory, this.#layouts, type.name, this.address + offset)
  }

  /** The structure that contains this one as its field `path`, as by `container_of`. */
  outer(struct: string, path: string): View {
    const address = this.address - this.#layouts.offsetOf(struct, path)
    return new View(this.#memory, this.#layouts, struct, address)
  }

  /** A pointer, or another 64-bit number. */
  pointerIn(path: string): bigint {
    return this.#memory.u64(this.addressOf(path))
  }

  /** A number of at most 32 bits, signed if its type is. */
  number(path: string): number {
    const { offset, type } = this.#layouts.place(this.struct, path)
    const size = sizeOfNumber(type)
    const value = this.#memory.unsigned(this.address + offset, size)
    return Number(type.kind === 'integer' && type.signed ? BigInt.asIntN(size * 8, value) : value)
  }

  /** An unsigned number of any size. */
  unsigned(path: string): bigint {
    const { offset, type } = this.#layouts.place(this.struct, path)
    return this.#memory.unsigned(this.address + offset, sizeOfNumber(type))
  }

  /** True if a one-bit bit-field is set. */
  bit(path: string): boolean {
    const { bit } = this.#layouts.place(this.struct, path)
    if (bit === null) throw new LayoutError(`"${path}" of struct ${this.struct} is not a bit-field`)
    const byte = this.#memory.u8(this.address + Math.floor(bit / 8))
    const place = this.#memory.endian === 'little' ? bit % 8 : 7 - (bit % 8)
    return ((byte >> place) & 1) !== 0
  }

  /** Writes a number of any size. */
  set(path: string, value: bigint | number): void {
    const { offset, type } = this.#layouts.place(this.struct, path)
    this.#memory.setUnsigned(this.address + offset, sizeOfNumber(type), BigInt(value))
  }

  /**
   * The structure that the pointer in a field points to; null for NULL and for a pointer outside of memory.
   *
   * @param struct - the type of the structure, if the type of the field does not tell it
   */
  follow(path: string, struct?: string): View | null {
    const { offset, type } = this.#layouts.place(this.struct, path)
    const name = struct ?? (type.kind === 'pointer' ? type.to : null)
    if (name === null) throw new LayoutError(`"${path}" of struct ${this.struct} leads to no structure`)
    const to = this.#memory.target(this.address + offset, this.#layouts.sizeOf(name))
    return to < 0 ? null : new View(this.#memory, this.#layouts, name, to)
  }

  /** The string that the pointer in a field points to; null for NULL and for a pointer outside of memory. */
  string(path: string): string | null {
    const to = this.#memory.target(this.addressOf(path), 1)
    return to < 0 ? null : this.#memory.string(to)
  }

  /** True if the string that the pointer in a field points to is `text`. */
  hasString(path: string, text: string): boolean {
    const to = this.#memory.target(this.addressOf(path), text.length + 1)
    return to >= 0 && this.#memory.hasString(to, text)
  }
}

function sizeOfNumber(type: LayoutType): number {
  if (type.kind === 'pointer') return 8
  if (type.kind === 'integer' || type.kind === 'other') return type.size
  throw new LayoutError('a structure or an array was read as a number')
}
