// SPDX-License-Identifier: GPL-2.0-only
import type { FieldPlace, MemoryObject } from '../memory/object.ts'

/** What a symbol stands for, for reports. */
export type SymbolName =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly function: string }
  | {
      readonly kind: 'memory'
      readonly object: MemoryObject
      readonly offset: number
      readonly field: FieldPlace | null
    }

/** A known integer; `value` is unsigned. */
export interface IntegerValue {
  readonly kind: 'integer'
  readonly bits: number
  readonly value: bigint
}

/** The address of a known object. */
export interface PointerValue {
  readonly kind: 'pointer'
  readonly object: MemoryObject
  readonly offset: number
  /** Key of the symbolic part of the address; empty for none. */
  readonly index: string
  readonly field: FieldPlace | null
}

/** A pointer of which it is open whether it is NULL, an error, or an object. Narrowed in place as a path decides. */
export interface PointerSymbol {
  readonly id: number
  readonly name: SymbolName
  mayBeNull: boolean
  mayBeError: boolean
  /** The object that it is if it is one; null until it is followed. */
  object: MemoryObject | null
  /** What the path has decided: the object, NULL, or an integer among the error numbers. */
  decided: PointerValue | IntegerValue | SymbolValue | null
  /** What an object made by following it is like. */
  readonly makes: Readonly<Pick<MemoryObject, 'argument' | 'readFrom' | 'dataOf'>> & {
    readonly kind: 'outside' | 'returned'
  }
}

/** A pointer that is not decided yet. */
export interface UndecidedValue {
  readonly kind: 'undecided'
  readonly symbol: PointerSymbol
  readonly offset: number
  readonly index: string
  readonly field: FieldPlace | null
}

/** An unknown integer. */
export interface SymbolValue {
  readonly kind: 'symbol'
  readonly id: number
  readonly bits: number
  readonly name: SymbolName
}

/** Something computed from unknown values. Equal keys are equal values. */
export interface ExpressionValue {
  readonly kind: 'expression'
  readonly operator: string
  readonly bits: number
  readonly operands: readonly Value[]
  readonly key: string
}

/** A structure or array as one value. */
export interface AggregateValue {
  readonly kind: 'aggregate'
  readonly elements: readonly Value[]
}

/** Nothing is known: undefined, or of a kind that is not modelled. */
export interface OpaqueValue {
  readonly kind: 'opaque'
}

export type Value =
  IntegerValue | PointerValue | UndecidedValue | SymbolValue | ExpressionValue | AggregateValue | OpaqueValue

export const opaque: OpaqueValue = { kind: 'opaque' }

/** An integer of a width, cut to it. */
export function integer(value: bigint, bits: number): IntegerValue {
  return { kind: 'integer', bits, value: BigInt.asUintN(bits, value) }
}

/** The address of an object. */
export function pointerTo(object: MemoryObject, offset = 0): PointerValue {
  return { kind: 'pointer', object, offset, index: '', field: null }
}

/**
 * A value as the path knows it by now: decided pointers are what they were decided to be. The place in an object that
 * a pointer was decided not to be is of no use: whatever its offset, it stands for the constant.
 */
export function resolved(value: Value): Value {
  if (value.kind !== 'undecided') return value
  const { decided } = value.symbol
  if (decided === null) return value
  switch (decided.kind) {
    case 'pointer':
      return { ...decided, offset: decided.offset + value.offset, index: value.index, field: value.field }
    case 'integer':
      return integer(decided.value + BigInt(value.offset), decided.bits)
    case 'symbol':
      return value.offset === 0 ? decided : opaque
  }
}

/** Equal for equal values. */
export function keyOf(value: Value): string {
  switch (value.kind) {
    case 'integer':
      return `c${value.value}`
    case 'pointer':
      return `o${value.object.id}+${value.offset}${value.index}`
    case 'undecided':
      return value.symbol.decided === null
        ? `p${value.symbol.id}+${value.offset}${value.index}`
        : keyOf(resolved(value))
    case 'symbol':
      return `s${value.id}`
    case 'expression':
      return value.key
    case 'aggregate':
      return `{${value.elements.map(keyOf).join(',')}}`
    case 'opaque':
      return '?'
  }
}

/** Longest key of an expression. A loop can double the expression in a variable each time round. */
const longestKey = 400

/** An expression over values, with its key. Nothing is known about one that is too large. */
export function expression(
  operator: string,
  bits: number,
  operands: readonly Value[],
): ExpressionValue | OpaqueValue {
  const key = `${operator}${bits}(${operands.map(keyOf).join(',')})`
  if (key.length > longestKey) return opaque
  return { kind: 'expression', operator, bits, operands, key }
}

/** Width of a value; that of a pointer is given. */
export function widthOf(value: Value, pointerBits: number): number {
  return 'bits' in value ? value.bits : pointerBits
}

/** The symbols that a value is made of: `s1` or `p1`. */
export function symbolsOf(value: Value, into: Set<string> = new Set()): Set<string> {
  if (value.kind === 'symbol') into.add(`s${value.id}`)
  else if (value.kind === 'undecided') into.add(`p${value.symbol.id}`)
  else if (value.kind === 'expression') for (const operand of value.operands) symbolsOf(operand, into)
  return into
}
