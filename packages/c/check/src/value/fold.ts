// SPDX-License-Identifier: GPL-2.0-only
import type { BinaryOperation, CastOperation, Predicate } from '@pfo-workbench/ir'
import { contains, satisfying } from './intervals.ts'
import { expression, integer, keyOf, opaque, widthOf, type IntegerValue, type Value } from './value.ts'

const commutative = new Set<string>(['add', 'mul', 'and', 'or', 'xor'])

/** The simplified result of integer arithmetic. Operands must be resolved. */
export function foldBinary(
  operation: BinaryOperation,
  left: Value,
  right: Value,
  bits: number,
  pointerBits: number,
): Value {
  if (
    left.kind === 'opaque' ||
    right.kind === 'opaque' ||
    left.kind === 'aggregate' ||
    right.kind === 'aggregate'
  ) {
    return opaque
  }
  if (left.kind === 'integer' && right.kind === 'integer')
    return compute(operation, left.value, right.value, bits)
  if (left.kind === 'integer' && commutative.has(operation))
    return foldBinary(operation, right, left, bits, pointerBits)
  if (right.kind === 'integer') {
    const simple = withConstant(operation, left, right, bits, pointerBits)
    if (simple !== null) return simple
  }
  if (operation === 'sub') {
    if (
      left.kind === 'pointer' &&
      right.kind === 'pointer' &&
      left.object === right.object &&
      left.index === right.index
    ) {
      return integer(BigInt(left.offset - right.offset), bits)
    }
    if (keyOf(left) === keyOf(right)) return integer(0n, bits)
  }
  return expression(operation, bits, [left, right])
}

function withConstant(
  operation: BinaryOperation,
  left: Value,
  right: IntegerValue,
  bits: number,
  pointerBits: number,
): Value | null {
  const constant = right.value
  switch (operation) {
    case 'add':
    case 'sub': {
      const addend = BigInt.asIntN(bits, operation === 'add' ? constant : -constant)
      if (addend === 0n) return left
      if (left.kind === 'pointer' || left.kind === 'undecided') {
        return { ...left, offset: left.offset + Number(addend), field: null }
      }
      if (left.kind === 'expression' && left.operator === 'add') {
        const [inner, last] = left.operands
        if (inner !== undefined && last?.kind === 'integer') {
          return foldBinary('add', inner, integer(last.value + addend, bits), bits, pointerBits)
        }
      }
      return expression('add', bits, [left, integer(addend, bits)])
    }
    case 'or':
    case 'xor':
    case 'shl':
    case 'lshr':
    case 'ashr':
      if (constant === 0n) return left
      if (operation === 'xor' && bits === 1) return negated(left)
      return null
    case 'and':
      if (constant === 0n) return right
      return constant === (1n << BigInt(bits)) - 1n ? left : null
    case 'mul':
      if (constant === 0n) return right
      return constant === 1n ? left : null
    case 'udiv':
    case 'sdiv':
      return constant === 1n ? left : null
    default:
      return null
  }
}

/** The negation of a truth value. A double negation disappears, so that equal conditions have equal keys. */
function negated(value: Value): Value {
  if (value.kind === 'integer') return integer(value.value ^ 1n, 1)
  if (value.kind === 'opaque') return value
  if (value.kind === 'expression' && value.operator === 'not') return value.operands[0] ?? opaque
  return expression('not', 1, [value])
}

function compute(operation: BinaryOperation, left: bigint, right: bigint, bits: number): Value {
  const signedLeft = BigInt.asIntN(bits, left)
  const signedRight = BigInt.asIntN(bits, right)
  switch (operation) {
    case 'add':
      return integer(left + right, bits)
    case 'sub':
      return integer(left - right, bits)
    case 'mul':
      return integer(left * right, bits)
    case 'and':
      return integer(left & right, bits)
    case 'or':
      return integer(left | right, bits)
    case 'xor':
      return integer(left ^ right, bits)
    case 'shl':
      return right >= BigInt(bits) ? opaque : integer(left << right, bits)
    case 'lshr':
      return right >= BigInt(bits) ? opaque : integer(left >> right, bits)
    case 'ashr':
      return right >= BigInt(bits) ? opaque : integer(signedLeft >> right, bits)
    case 'udiv':
      return right === 0n ? opaque : integer(left / right, bits)
    case 'urem':
      return right === 0n ? opaque : integer(left % right, bits)
    case 'sdiv':
      return right === 0n ? opaque : integer(signedLeft / signedRight, bits)
    case 'srem':
      return right === 0n ? opaque : integer(signedLeft % signedRight, bits)
  }
}

/** The result of a cast from one width to another. Pointers of the same width stay pointers when cast to integers. */
export function foldCast(
  operation: CastOperation,
  value: Value,
  from: number,
  to: number,
  pointerBits: number,
): Value {
  if (value.kind === 'opaque' || value.kind === 'aggregate') return opaque
  if (operation === 'bitcast' || operation === 'addrspacecast') return value
  if (value.kind === 'integer') {
    return integer(operation === 'sext' ? BigInt.asIntN(from, value.value) : value.value, to)
  }
  if (from === to) return value
  // `ptrtoint` and `inttoptr` between different widths truncate or zero-extend.
  const resize =
    operation === 'ptrtoint' || operation === 'inttoptr' ? (to < from ? 'trunc' : 'zext') : operation
  if (resize === 'trunc') {
    if (value.kind === 'expression' && (value.operator === 'zext' || value.operator === 'sext')) {
      const [inner] = value.operands
      if (inner !== undefined) {
        const width = widthOf(inner, pointerBits)
        if (width === to) return inner
        if (width < to) return expression(value.operator, to, [inner])
      }
    }
    return expression('trunc', to, [value])
  }
  if (value.kind === 'expression' && (value.operator === resize || value.operator === 'zext')) {
    return expression(value.operator, to, value.operands)
  }
  return expression(resize, to, [value])
}

/** A comparison: a known result, or an expression that `Conditions` decides; opaque if a side is opaque. */
export function foldCompare(predicate: Predicate, left: Value, right: Value, bits: number): Value {
  if (left.kind === 'opaque' || right.kind === 'opaque') return opaque
  if (left.kind === 'integer' && right.kind === 'integer') {
    return integer(contains(satisfying(predicate, right.value, bits), left.value) ? 1n : 0n, 1)
  }
  return expression(`icmp ${predicate} ${bits}`, 1, [left, right])
}

/** The parts of a comparison that `foldCompare` created; null for any other expression. */
export function comparison(
  value: Value,
): { predicate: Predicate; bits: number; left: Value; right: Value } | null {
  if (value.kind !== 'expression' || !value.operator.startsWith('icmp ')) return null
  const [, predicate, bits] = value.operator.split(' ')
  const [left, right] = value.operands
  if (left === undefined || right === undefined) return null
  return { predicate: predicate as Predicate, bits: Number(bits), left, right }
}
