// SPDX-License-Identifier: GPL-2.0-only
import type { Type, Value as Operand } from '@pfo-workbench/ir'
import { fieldOf } from '../memory/memory.ts'
import { type FieldPlace, integer, keyOf, opaque, pointerTo, type Value } from '../value/value.ts'
import { foldBinary, foldCast, foldCompare } from '../value/fold.ts'
import type { ActiveCall, Path } from './path.ts'

/** Width of a type in bits. The target defines the width of a pointer. */
export function bitsOf(path: Path, type: Type): number {
  if (type.kind === 'integer') return type.bits
  return type.kind === 'pointer' ? path.pointerBits : path.context.module.dataLayout.size(type) * 8
}

/** Maximum length of the key of the symbolic indexes in one address. */
const longestIndex = 400

/** Integer constants are the same on every path. */
const integers = new WeakMap<Operand, Value>()

/** The value of an operand: a register of the frame, or a constant. */
export function evaluate(path: Path, operand: Operand, frame: ActiveCall | null): Value {
  switch (operand.kind) {
    case 'local':
      return path.know(frame?.registers.get(operand.name) ?? opaque)
    case 'integer': {
      let value = integers.get(operand)
      if (value === undefined)
        integers.set(operand, (value = integer(operand.value, bitsOf(path, operand.type))))
      return value
    }
    case 'null':
      return integer(0n, path.pointerBits)
    case 'zero':
      return operand.type.kind === 'integer' || operand.type.kind === 'pointer'
        ? integer(0n, bitsOf(path, operand.type))
        : integer(0n, 64)
    case 'global': {
      const alias = path.context.module.aliases.get(operand.name)
      if (alias !== undefined) return evaluate(path, alias.target, null)
      return pointerTo(path.global(operand.name))
    }
    case 'aggregate':
      return {
        kind: 'aggregate',
        elements: operand.elements.map((element) => evaluate(path, element, frame)),
      }
    case 'getelementptr':
      return addressIn(
        path,
        operand.sourceType,
        evaluate(path, operand.base, frame),
        operand.indices.map((index) => evaluate(path, index, frame)),
      )
    case 'cast':
      return foldCast(
        operand.operation,
        evaluate(path, operand.value, frame),
        bitsOf(path, operand.value.type),
        bitsOf(path, operand.type),
        path.pointerBits,
      )
    case 'binary':
      return foldBinary(
        operand.operation,
        evaluate(path, operand.left, frame),
        evaluate(path, operand.right, frame),
        bitsOf(path, operand.type),
        path.pointerBits,
      )
    case 'icmp':
      return foldCompare(
        operand.predicate,
        evaluate(path, operand.left, frame),
        evaluate(path, operand.right, frame),
        bitsOf(path, operand.left.type),
      )
    case 'select':
      return path.conditions.truth(evaluate(path, operand.condition, frame))
        ? evaluate(path, operand.left, frame)
        : evaluate(path, operand.right, frame)
    case 'unknown':
      path.approximate = true
      return opaque
    default:
      return opaque
  }
}

/**
 * Address arithmetic of `getelementptr`. The keys of symbolic indexes become part of the address. If these keys are too
 * long, the address is unknown.
 */
export function addressIn(path: Path, sourceType: Type, base: Value, indices: readonly Value[]): Value {
  const layout = path.context.module.dataLayout
  let type = sourceType
  let offset = 0
  let index = ''
  let field: FieldPlace | null = null
  for (const [i, given] of indices.entries()) {
    const value = path.know(given)
    if (i > 0 && type.kind === 'struct') {
      const number = value.kind === 'integer' ? Number(value.value) : 0
      const start = layout.struct(type).offsets[number] ?? 0
      field = fieldOf(type, start)
      offset += start
      type = type.fields?.[number] ?? type
      continue
    }
    if (i > 0 && (type.kind === 'array' || type.kind === 'vector')) type = type.element
    const size = layout.size(type)
    if (value.kind === 'integer') offset += Number(BigInt.asIntN(value.bits, value.value)) * size
    else if (size !== 0) index += `[${keyOf(value)}*${size}]`
  }
  const start = path.know(base)
  if (index.length + ('index' in start ? start.index.length : 0) > longestIndex) return opaque
  if (start.kind === 'integer') return integer(start.value + BigInt(offset), path.pointerBits)
  if (start.kind === 'pointer' || start.kind === 'undecided') {
    return {
      ...start,
      offset: start.offset + offset,
      index: start.index + index,
      field: field ?? (offset === 0 && index === '' ? start.field : null),
    }
  }
  if (start.kind === 'opaque') return pointerTo(path.newObject('outside', 'memory'))
  return foldBinary(
    'add',
    start,
    integer(BigInt(offset), path.pointerBits),
    path.pointerBits,
    path.pointerBits,
  )
}
