// SPDX-License-Identifier: GPL-2.0-only
import type { Predicate } from '@pfo-workbench/ir'
import { comparison, foldCompare } from '../value/fold.ts'
import {
  complement,
  contains,
  exchanged,
  fullSet,
  intersection,
  largest,
  setOfOne,
  satisfying,
  setOf,
  shiftedBack,
  type IntervalSet,
} from '../value/intervals.ts'
import {
  expression,
  integer,
  keyOf,
  pointerTo,
  resolved,
  widthOf,
  type PointerValue,
  type UndecidedValue,
  type Value,
} from '../value/value.ts'
import type { Constraints } from './constraints.ts'

/** The largest error number, `MAX_ERRNO` of include/linux/err.h. */
const maxErrno = 4095n

/** Interface that the path provides to conditions. */
export interface Forking {
  readonly pointerBits: number
  readonly constraints: Constraints
  /** Both outcomes are possible. This path takes one, and another path takes the other. */
  fork(whenTrue: string, whenFalse: string): boolean
  /** The name of a value in reports. */
  show(value: Value): string
  newSymbol(bits: number, text: string): Value
  /** True if a pointer is the type of an object that a match function has accepted. */
  isMatchedType(pointer: UndecidedValue): boolean
  /** The path has decided that the object does not exist. */
  vanish(pointer: UndecidedValue): void
}

const relation: Readonly<Record<Predicate, readonly [string, string]>> = {
  eq: ['==', '!='],
  ne: ['!=', '=='],
  ult: ['<', '>='],
  slt: ['<', '>='],
  ule: ['<=', '>'],
  sle: ['<=', '>'],
  ugt: ['>', '<='],
  sgt: ['>', '<='],
  uge: ['>=', '<'],
  sge: ['>=', '<'],
}

/** Decides conditions on one path: from known facts if they suffice, otherwise by forking. */
export class Conditions {
  private readonly path: Forking

  constructor(path: Forking) {
    this.path = path
  }

  /** True if a value is not zero. */
  truth(given: Value): boolean {
    const value = resolved(given)
    if (value.kind === 'expression') {
      const [first, second] = value.operands
      const parts = comparison(value)
      if (parts !== null) return this.compare(parts.predicate, parts.left, parts.right, parts.bits)
      if (value.operator === 'not' && first !== undefined) return !this.truth(first)
      if ((value.operator === 'zext' || value.operator === 'sext') && first !== undefined)
        return this.truth(first)
      if (value.bits === 1 && first !== undefined && second !== undefined) {
        if (value.operator === 'and') return this.truth(first) && this.truth(second)
        if (value.operator === 'or') return this.truth(first) || this.truth(second)
        if (value.operator === 'xor') return this.truth(first) !== this.truth(second)
      }
    }
    const bits = widthOf(value, this.path.pointerBits)
    const nonZero = complement(setOfOne(0n), bits)
    const name = value.kind === 'undecided' ? 'NULL' : '0'
    return this.within(
      value,
      bits,
      nonZero,
      `${this.path.show(value)} != ${name}`,
      `${this.path.show(value)} == ${name}`,
    )
  }

  /** True if a comparison holds. */
  compare(predicate: Predicate, leftGiven: Value, rightGiven: Value, bits: number): boolean {
    const left = resolved(leftGiven)
    const right = resolved(rightGiven)
    const known = foldCompare(predicate, left, right, bits)
    if (known.kind === 'integer') return known.value === 1n
    if (left.kind === 'integer') return this.compare(exchanged[predicate], right, left, bits)
    const [holds, fails] = relation[predicate]
    const texts = (other: string): [string, string] => [
      `${this.path.show(left)} ${holds} ${other}`,
      `${this.path.show(left)} ${fails} ${other}`,
    ]
    if (right.kind === 'integer') {
      if (left.kind === 'undecided' && predicate.startsWith('u') && right.value >= largest(bits) - maxErrno) {
        const name = this.path.show(left)
        const isError = predicate === 'ugt' || predicate === 'uge'
        const texts = [`IS_ERR(${name})`, `!IS_ERR(${name})`] as const
        const [whenTrue, whenFalse] = isError ? texts : [texts[1], texts[0]]
        return this.within(left, bits, satisfying(predicate, right.value, bits), whenTrue, whenFalse)
      }
      const other = left.kind === 'undecided' && right.value === 0n ? 'NULL' : this.path.show(right)
      return this.within(left, bits, satisfying(predicate, right.value, bits), ...texts(other))
    }
    const pointers = isPointer(left) && isPointer(right)
    if (pointers && (predicate === 'eq' || predicate === 'ne')) {
      return this.samePointer(left, right) === (predicate === 'eq')
    }
    if (keyOf(left) === keyOf(right) && left.kind !== 'opaque') {
      return ['eq', 'ule', 'uge', 'sle', 'sge'].includes(predicate)
    }
    if (predicate === 'ne') return !this.compare('eq', left, right, bits)
    const atom = expression(`icmp ${predicate} ${bits}`, 1, [left, right])
    if (atom.kind === 'opaque') return this.path.fork(...texts(this.path.show(right)))
    return this.decide(atom, 1, setOfOne(1n), ...texts(this.path.show(right)))
  }

  /** True if a value is in a set of numbers. */
  within(given: Value, bits: number, set: IntervalSet, whenTrue: string, whenFalse: string): boolean {
    const value = resolved(given)
    switch (value.kind) {
      case 'integer':
        return contains(set, value.value)
      case 'pointer':
        return contains(set, someAddress(bits))
      case 'undecided':
        return this.pointerWithin(value, bits, set, whenTrue, whenFalse)
      case 'opaque':
      case 'aggregate':
        return this.path.fork(whenTrue, whenFalse)
      case 'symbol':
        return this.decide(value, bits, set, whenTrue, whenFalse)
      case 'expression': {
        const [inner, second] = value.operands
        if (inner === undefined) return this.path.fork(whenTrue, whenFalse)
        if (value.operator === 'add' && second?.kind === 'integer') {
          return this.within(inner, bits, shiftedBack(set, second.value, bits), whenTrue, whenFalse)
        }
        if (value.bits === 1 && (value.operator === 'not' || comparison(value) !== null)) {
          const zero = contains(set, 0n)
          const one = contains(set, 1n)
          return zero === one ? zero : this.truth(value) === one
        }
        const width = widthOf(inner, this.path.pointerBits)
        if (value.operator === 'zext')
          return this.within(inner, width, intersection(set, fullSet(width)), whenTrue, whenFalse)
        if (value.operator === 'sext')
          return this.within(inner, width, withoutSign(set, width, bits), whenTrue, whenFalse)
        if (value.operator === 'trunc') {
          const wider = widened(set, bits, width, this.path.constraints.domain(resolved(inner), width))
          if (wider !== null) return this.within(inner, width, wider, whenTrue, whenFalse)
        }
        return this.decide(value, bits, set, whenTrue, whenFalse)
      }
    }
  }

  private decide(value: Value, bits: number, set: IntervalSet, whenTrue: string, whenFalse: string): boolean {
    const { constraints } = this.path
    const domain = constraints.domain(value, bits)
    const inside = intersection(domain, set)
    if (inside.length === 0) return false
    const outside = intersection(domain, complement(set, bits))
    if (outside.length === 0) return true
    const result = this.path.fork(whenTrue, whenFalse)
    constraints.restrict(value, bits, result ? inside : outside)
    return result
  }

  /** A pointer is NULL, an error number, or the address of an object of which nothing else is known. */
  private pointerWithin(
    value: UndecidedValue,
    bits: number,
    set: IntervalSet,
    whenTrue: string,
    whenFalse: string,
  ): boolean {
    const { symbol } = value
    const object = contains(set, someAddress(bits))
    // The address of a field is not NULL: the pointer to the structure was valid, or computing the address would be a
    // bug.
    if (value.offset !== 0 || value.index !== '') return object
    const errors = setOf([[largest(bits) - maxErrno + 1n, largest(bits)]])
    const errorsInside = intersection(set, errors)
    const anyErrorInside = symbol.mayBeError && errorsInside.length > 0
    const anyErrorOutside = symbol.mayBeError && intersection(errors, complement(set, bits)).length > 0
    const nullInside = symbol.mayBeNull && contains(set, 0n)
    const nullOutside = symbol.mayBeNull && !contains(set, 0n)
    if (!object && !anyErrorInside && !nullInside) return false
    if (object && !anyErrorOutside && !nullOutside) return true
    const result = this.path.fork(whenTrue, whenFalse)
    if (result === object) {
      symbol.mayBeNull = result ? nullInside : nullOutside
      symbol.mayBeError = result ? anyErrorInside : anyErrorOutside
      return result
    }
    const error = result ? anyErrorInside : anyErrorOutside
    const isNull = result ? nullInside : nullOutside
    if (isNull && error) return result
    this.path.vanish(value)
    if (isNull) symbol.decided = integer(0n, bits)
    else {
      const number = this.path.newSymbol(bits, `PTR_ERR(${this.path.show(value)})`)
      this.path.constraints.restrict(
        number,
        bits,
        result ? errorsInside : intersection(errors, complement(set, bits)),
      )
      if (number.kind === 'symbol') symbol.decided = number
    }
    return result
  }

  private samePointer(left: PointerValue | UndecidedValue, right: PointerValue | UndecidedValue): boolean {
    if (left.kind === 'pointer' && right.kind === 'pointer') {
      return left.object === right.object && left.offset === right.offset && left.index === right.index
    }
    if (keyOf(left) === keyOf(right)) return true
    const [open, other] = left.kind === 'undecided' ? [left, right] : [right, left]
    if (open.kind !== 'undecided') return false
    if (other.kind === 'pointer' && this.path.isMatchedType(open)) return true
    // Two different places in one structure.
    if (other.kind === 'undecided' && open.symbol === other.symbol && open.index === other.index) return false
    const [first, second] = [keyOf(open), keyOf(other)].sort()
    const atom = expression(`same ${first ?? ''} ${second ?? ''}`, 1, [open, other])
    const known = this.path.constraints.known(atom)
    if (known !== null) return known === 1n
    const text = `${this.path.show(left)} == ${this.path.show(right)}`
    const result = this.path.fork(text, text.replace(' == ', ' != '))
    if (!result) this.path.constraints.restrict(atom, 1, setOfOne(0n))
    else {
      markKnown(open, other)
      if (!unify(open, other)) this.path.constraints.restrict(atom, 1, setOfOne(1n))
    }
    return result
  }
}

/** Marks an object as known outside if it is equal to a pointer from outside. */
function markKnown(left: UndecidedValue, right: PointerValue | UndecidedValue): void {
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const object = other.kind === 'pointer' ? other.object : other.symbol.object
    const isOutside = one.kind === 'undecided' && one.symbol.object?.kind !== 'counted'
    if (isOutside && object !== null) object.knownOutside = true
  }
}

/**
 * Makes two pointers equal. Returns false if that is not possible: both have an object, neither has one, or an address
 * has a symbolic part.
 */
function unify(left: UndecidedValue, right: PointerValue | UndecidedValue): boolean {
  if (left.index !== '' || right.index !== '') return false
  const [open, other] = left.symbol.object === null ? [left, right] : [right, left]
  if (open.kind !== 'undecided' || open.symbol.object !== null) return false
  if (other.kind === 'pointer') {
    open.symbol.decided = pointerTo(other.object, other.offset - open.offset)
    return true
  }
  const target = other.symbol.object
  if (target === null) return false
  open.symbol.decided = pointerTo(target, other.offset - open.offset)
  other.symbol.decided = pointerTo(target)
  return true
}

function isPointer(value: Value): value is PointerValue | UndecidedValue {
  return value.kind === 'pointer' || value.kind === 'undecided'
}

/** An address that is neither NULL nor an error. */
function someAddress(bits: number): bigint {
  return 1n << BigInt(bits - 2)
}

/** The numbers x of a narrow width whose sign extension is in the set. */
function withoutSign(set: IntervalSet, narrow: number, wide: number): IntervalSet {
  const half = 1n << BigInt(narrow - 1)
  const shift = (1n << BigInt(wide)) - (1n << BigInt(narrow))
  const positive = intersection(set, [[0n, half - 1n]])
  const negative = intersection(set, [[shift + half, largest(wide)]])
  return setOf([...positive, ...negative.map(([low, high]) => [low - shift, high - shift] as const)])
}

/**
 * Converts a set of truncated numbers to the numbers of `wide` bits from which truncation to `narrow` bits makes them,
 * given that these numbers lie in `domain`. Null if truncation might make equal numbers of different ones: all numbers
 * of the domain must fit in `narrow` bits, or the higher bits of all of them must be 1, as in error numbers. The result
 * may contain numbers outside the domain.
 */
function widened(set: IntervalSet, narrow: number, wide: number, domain: IntervalSet): IntervalSet | null {
  const low = domain[0]?.[0]
  const high = domain.at(-1)?.[1]
  if (low === undefined || high === undefined) return null
  if (high <= largest(narrow)) return set
  const shift = (1n << BigInt(wide)) - (1n << BigInt(narrow))
  if (low < shift) return null
  return set.map(([from, to]) => [from + shift, to + shift] as const)
}
