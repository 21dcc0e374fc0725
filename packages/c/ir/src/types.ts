// SPDX-License-Identifier: GPL-2.0-only

/** An integer of any width, such as `i1` or `i64`. Signedness is a property of instructions, not of types. */
export interface IntegerType {
  readonly kind: 'integer'
  readonly bits: number
}

/** An opaque pointer. `addressSpace` is 0 except for a few targets. */
export interface PointerType {
  readonly kind: 'pointer'
  readonly addressSpace: number
}

/** A floating-point type by its LLVM name. */
export interface FloatType {
  readonly kind: 'float'
  readonly name: FloatName
}

/** Floating-point types. */
export type FloatName = 'half' | 'bfloat' | 'float' | 'double' | 'x86_fp80' | 'fp128' | 'ppc_fp128'

/** `[length x element]`. */
export interface ArrayType {
  readonly kind: 'array'
  readonly length: number
  readonly element: Type
}

/** `<length x element>`. For a scalable vector `length` is the minimum. */
export interface VectorType {
  readonly kind: 'vector'
  readonly length: number
  readonly scalable: boolean
  readonly element: Type
}

/** A structure. Each named structure (`%struct.device_node`) of a module is a single object. */
export interface StructType {
  readonly kind: 'struct'
  /** `struct.device_node`; null for a literal structure. */
  readonly name: string | null
  /** Null if the module only declares the structure (`opaque`). */
  readonly fields: readonly Type[] | null
  readonly packed: boolean
}

/** A function's type. */
export interface FunctionType {
  readonly kind: 'function'
  readonly result: Type
  readonly parameters: readonly Type[]
  readonly variadic: boolean
}

/** Types without a size: void, labels, metadata, tokens and target-specific types. */
export interface OtherType {
  readonly kind: 'void' | 'label' | 'metadata' | 'token' | 'target'
}

/** A type of LLVM IR. */
export type Type =
  IntegerType | PointerType | FloatType | ArrayType | VectorType | StructType | FunctionType | OtherType

/** The type `void`. */
export const voidType: OtherType = { kind: 'void' }
/** The type of a branch target. */
export const labelType: OtherType = { kind: 'label' }
/** The type of a metadata argument of an intrinsic. */
export const metadataType: OtherType = { kind: 'metadata' }
/** A pointer in address space 0. */
export const pointerType: PointerType = { kind: 'pointer', addressSpace: 0 }

const integers = new Map<number, IntegerType>()

/** Returns the integer type of a width, always the same object for the same width. */
export function integerType(bits: number): IntegerType {
  let type = integers.get(bits)
  if (type === undefined) integers.set(bits, (type = { kind: 'integer', bits }))
  return type
}

/** True if two types are equal. Named structures and target-specific types are compared by identity. */
export function sameType(left: Type, right: Type): boolean {
  if (left === right) return true
  switch (left.kind) {
    case 'integer':
      return right.kind === 'integer' && left.bits === right.bits
    case 'pointer':
      return right.kind === 'pointer' && left.addressSpace === right.addressSpace
    case 'float':
      return right.kind === 'float' && left.name === right.name
    case 'array':
      return right.kind === 'array' && left.length === right.length && sameType(left.element, right.element)
    case 'vector':
      return (
        right.kind === 'vector' &&
        left.length === right.length &&
        left.scalable === right.scalable &&
        sameType(left.element, right.element)
      )
    case 'struct':
      return (
        right.kind === 'struct' &&
        left.name === null &&
        right.name === null &&
        left.packed === right.packed &&
        sameTypes(left.fields ?? [], right.fields ?? [])
      )
    case 'function':
      return (
        right.kind === 'function' &&
        left.variadic === right.variadic &&
        sameType(left.result, right.result) &&
        sameTypes(left.parameters, right.parameters)
      )
    default:
      return left.kind === right.kind && left.kind !== 'target'
  }
}

function sameTypes(left: readonly Type[], right: readonly Type[]): boolean {
  return left.length === right.length && left.every((type, i) => sameType(type, right[i] ?? voidType))
}
