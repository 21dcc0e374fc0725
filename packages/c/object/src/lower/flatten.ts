// SPDX-License-Identifier: GPL-2.0-only
import type { DataLayout, FunctionType, Type } from '@pfo-workbench/ir'
import type { Signature, WasmType } from '../signature.ts'
import { Untranslatable } from './untranslatable.ts'

const none: readonly WasmType[] = []
const one32: readonly WasmType[] = ['i32']
const one64: readonly WasmType[] = ['i64']
const two64: readonly WasmType[] = ['i64', 'i64']

/** Maximum number of parts of a value that is held in locals. */
const maxParts = 256

/** WebAssembly engines accept at most 1000 parameters. */
const maxParameters = 1000

/** WebAssembly types that hold a value of an IR type. @throws Untranslatable */
export function flatten(type: Type): readonly WasmType[] {
  switch (type.kind) {
    case 'integer':
      if (type.bits <= 32) return one32
      if (type.bits <= 64) return one64
      if (type.bits <= 128) return two64
      throw new Untranslatable(`integer of ${type.bits} bits`)
    case 'pointer':
      return one64
    case 'float':
      // Kernels are compiled for soft float, so floating-point values are passed as their bits.
      if (type.name === 'float' || type.name === 'half') return one32
      if (type.name === 'double') return one64
      throw new Untranslatable(`type ${type.name}`)
    case 'struct':
      return many((type.fields ?? []).map(flatten))
    case 'array': {
      if (type.length > maxParts) throw new Untranslatable(`array of ${type.length} elements as a value`)
      const element = flatten(type.element)
      return many(Array.from({ length: type.length }, () => element))
    }
    case 'void':
      return none
    default:
      throw new Untranslatable(`type ${type.kind}`)
  }
}

function many(parts: readonly (readonly WasmType[])[]): readonly WasmType[] {
  const all = parts.flat()
  if (all.length > maxParts) throw new Untranslatable(`value of ${all.length} parts`)
  return all
}

/** WebAssembly signature of a function. @throws Untranslatable */
export function signatureOf(type: FunctionType): Signature {
  const parameters = type.parameters.flatMap(flatten)
  if (type.variadic) parameters.push('i64')
  if (parameters.length > maxParameters)
    throw new Untranslatable(`a function of ${parameters.length} arguments`)
  return { parameters, results: [...flatten(type.result)] }
}

/** A scalar part of a value. */
export interface Leaf {
  readonly type: Type
  /** In bytes, from the start of the whole value. */
  readonly offset: number
}

/** The parts of a type, in the order of `flatten`. */
export function leaves(type: Type, layout: DataLayout, base = 0): readonly Leaf[] {
  if (type.kind === 'struct') {
    const { offsets } = layout.struct(type)
    return (type.fields ?? []).flatMap((field, i) => leaves(field, layout, base + (offsets[i] ?? 0)))
  }
  if (type.kind === 'array') {
    const size = layout.size(type.element)
    return Array.from({ length: type.length }, (_, i) => leaves(type.element, layout, base + i * size)).flat()
  }
  return [{ type, offset: base }]
}

/** Width of an integer, a pointer or the representation of a floating-point number. @throws Untranslatable */
export function bitsOf(type: Type): number {
  switch (type.kind) {
    case 'integer':
      return type.bits
    case 'pointer':
      return 64
    case 'float':
      if (type.name === 'half') return 16
      if (type.name === 'float') return 32
      if (type.name === 'double') return 64
      throw new Untranslatable(`${type.name} as a number`)
    default:
      throw new Untranslatable(`${type.kind} as a number`)
  }
}

/** Resolves the path of an aggregate element to its type and the index of its first part. @throws Untranslatable */
export function partOf(type: Type, path: readonly number[]): { readonly first: number; readonly type: Type } {
  let at: Type = type
  let first = 0
  for (const index of path) {
    if (at.kind === 'struct') {
      const fields: readonly Type[] = at.fields ?? []
      const field: Type | undefined = fields[index]
      if (field === undefined) throw new Untranslatable('an element that does not exist')
      for (const before of fields.slice(0, index)) first += flatten(before).length
      at = field
    } else if (at.kind === 'array') {
      first += flatten(at.element).length * index
      at = at.element
    } else throw new Untranslatable(`an element of ${at.kind}`)
  }
  return { first, type: at }
}
