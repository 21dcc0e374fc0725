// SPDX-License-Identifier: GPL-2.0-only
import type { Constant } from '@pfo-workbench/ir'

/**
 * The origin of an object. `stack`: a local variable. `global`: a variable at file scope. `function`: code. `outside`:
 * an object that existed before the call, reached through an argument or a field. `returned`: the result of an unknown
 * function. `counted`: an object that a finder returned.
 */
export type ObjectKind = 'stack' | 'global' | 'function' | 'outside' | 'returned' | 'counted'

/** A field of a structure: `device` and 728. Reports look up the name of the field when they need it. */
export interface FieldPlace {
  readonly struct: string
  readonly offset: number
}

/** A value in memory. */
export interface MemoryCell {
  readonly value: Value
  readonly size: number
  /** True if the first read created the cell, without a store. */
  readonly lazy: boolean
  readonly field: FieldPlace | null
}

/** A piece of memory of unknown size. Cells are kept by symbolic index (`''` for none) and byte offset. */
export class MemoryObject {
  readonly id: number
  readonly kind: ObjectKind
  /** Name in reports: `np`, `of_find_node_by_path()`. */
  readonly name: string
  readonly cells: Map<string, Map<number, MemoryCell>> = new Map()
  /** Byte ranges that read as 0 where there is no cell. */
  zeroes: (readonly [from: number, to: number])[] = []
  /** True if the object is read-only. */
  constant = false
  /** The initial content of a constant variable; null once it was written to cells. */
  initializer: Constant | null = null
  /** Position of the argument through which the entry function received the object. */
  argument: number | null = null
  /** The field or variable outside of this call from which the object was read. */
  readFrom: {
    readonly object: MemoryObject
    readonly offset: number
    readonly field: FieldPlace | null
  } | null = null
  /** The counted object to which this data belongs. */
  dataOf: MemoryObject | null = null
  /** True if other code keeps a pointer to this local variable. */
  escaped = false
  /**
   * True if the path decided that the object equals a pointer from outside, so that other code also has its address.
   */
  knownOutside = false
  /** True if a match function of the file has examined the object. */
  matched = false
  /** True if an unknown function received the object. */
  given = false
  /** Time at which the object was last passed to a function that may free it, in steps of the path. */
  lastEnded = -1
  freed = false
  /** True if the path has decided that the pointer was NULL or an error, so that the object does not exist. */
  absent = false

  constructor(id: number, kind: ObjectKind, name: string) {
    this.id = id
    this.kind = kind
    this.name = name
  }

  /** True if the content of the object remains after the call. */
  get outlives(): boolean {
    if (this.freed || this.absent) return false
    return this.kind === 'stack' ? this.escaped : this.kind !== 'function'
  }
}

/** The meaning of a symbol, for reports. */
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

/** A pointer that may still be NULL, an error, or an object. Narrowed in place as the path decides. */
export interface PointerSymbol {
  readonly id: number
  readonly name: SymbolName
  mayBeNull: boolean
  mayBeError: boolean
  /** The object that the pointer points to, if it is neither NULL nor an error; null until the first dereference. */
  object: MemoryObject | null
  /** True if an unknown function received the pointer before its object existed. */
  given?: boolean
  /** The decision of the path: the object, NULL, or an integer among the error numbers. */
  decided: PointerValue | IntegerValue | SymbolValue | null
  /** Properties of the object that a dereference creates. */
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

/** An expression over unknown values. Equal keys mean equal values. */
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

/** An unknown value: undefined, or of an unsupported kind. */
export interface OpaqueValue {
  readonly kind: 'opaque'
}

export type Value =
  IntegerValue | PointerValue | UndecidedValue | SymbolValue | ExpressionValue | AggregateValue | OpaqueValue

export const opaque: OpaqueValue = { kind: 'opaque' }

/** An integer, truncated to its width. */
export function integer(value: bigint, bits: number): IntegerValue {
  return { kind: 'integer', bits, value: BigInt.asUintN(bits, value) }
}

/** The address of an object. */
export function pointerTo(object: MemoryObject, offset = 0): PointerValue {
  return { kind: 'pointer', object, offset, index: '', field: null }
}

/**
 * A value as the path knows it now. Decided pointers become what the path decided. If the path decided that a pointer
 * is NULL, the result is the offset as a number. If it is an unknown error number, the result is that number without an
 * offset, and opaque with one.
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

/** Returns the same key for equal values. Opaque values share one key, although they may differ. */
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

/**
 * Maximum length of the key of an expression. A larger expression becomes an unknown value, because a loop can double
 * an expression in each iteration.
 */
const longestKey = 400

/** An expression over values, with its key. An expression that is too large becomes an unknown value. */
export function expression(
  operator: string,
  bits: number,
  operands: readonly Value[],
): ExpressionValue | OpaqueValue {
  const key = `${operator}${bits}(${operands.map(keyOf).join(',')})`
  if (key.length > longestKey) return opaque
  return { kind: 'expression', operator, bits, operands, key }
}

/** Width of a value. The caller supplies the width of pointers. */
export function widthOf(value: Value, pointerBits: number): number {
  return 'bits' in value ? value.bits : pointerBits
}

/** The symbols in a value: `s1` or `p1`. */
export function symbolsOf(value: Value, into: Set<string> = new Set()): Set<string> {
  if (value.kind === 'symbol') into.add(`s${value.id}`)
  else if (value.kind === 'undecided') into.add(`p${value.symbol.id}`)
  else if (value.kind === 'expression') for (const operand of value.operands) symbolsOf(operand, into)
  return into
}
