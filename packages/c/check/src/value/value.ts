// SPDX-License-Identifier: GPL-2.0-only
import type { Constant } from '@pfo-workbench/ir'

/**
 * Where an object comes from. `stack`: a local variable. `global`: a variable at file scope. `function`: code.
 * `outside`: something that existed before the call, reached through an argument or a field. `returned`: what a call
 * of an unknown function returned. `counted`: an object that a finder returned.
 */
export type ObjectKind = 'stack' | 'global' | 'function' | 'outside' | 'returned' | 'counted'

/** A field of a structure: `device` and 728. The name of the field is looked up when a report needs it. */
export interface FieldPlace {
  readonly struct: string
  readonly offset: number
}

/** A value in memory. */
export interface Cell {
  readonly value: Value
  readonly size: number
  /** Whether nobody stored it: it came to be when it was read first. */
  readonly lazy: boolean
  readonly field: FieldPlace | null
}

/** A piece of memory of unknown size. Cells are kept by symbolic index (`''` for none) and byte offset. */
export class MemoryObject {
  readonly id: number
  readonly kind: ObjectKind
  /** How reports call it: `np`, `of_find_node_by_path()`. */
  readonly name: string
  readonly cells: Map<string, Map<number, Cell>> = new Map()
  /** Bytes that read as 0 where there is no cell. */
  zeroes: (readonly [from: number, to: number])[] = []
  /** Whether nobody may write to it. */
  constant = false
  /** What a constant variable holds; null once it was written into cells. */
  initializer: Constant | null = null
  /** Position of the argument through which the entry function got it. */
  argument: number | null = null
  /** The field or variable it was read from, outside of this call. */
  readFrom: {
    readonly object: MemoryObject
    readonly offset: number
    readonly field: FieldPlace | null
  } | null = null
  /** The counted object whose data this is. */
  dataOf: MemoryObject | null = null
  /** Whether somebody keeps a pointer to a local variable. */
  escaped = false
  /** Whether a pointer from outside was found to be equal: somebody else has it, too. */
  knownOutside = false
  /** Whether a match function of the file has looked at it. */
  matched = false
  /** Whether a function got it of which nothing is known. */
  given = false
  /** When it was last given to a function that may end it, in steps of the path. */
  lastEnded = -1
  freed = false
  /** Whether the path has decided that the pointer was NULL or an error, so that there is no such object. */
  absent = false

  constructor(id: number, kind: ObjectKind, name: string) {
    this.id = id
    this.kind = kind
    this.name = name
  }

  /** Whether what is stored in it is still there when the call is over. */
  get outlives(): boolean {
    if (this.freed || this.absent) return false
    return this.kind === 'stack' ? this.escaped : this.kind !== 'function'
  }
}

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
  /** Whether a function of which nothing is known got the pointer before there was an object. */
  given?: boolean
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
interface AggregateValue {
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
