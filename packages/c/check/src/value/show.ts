// SPDX-License-Identifier: GPL-2.0-only
import { type FieldPlace, type MemoryObject, type SymbolName, type Value } from './value.ts'
import { comparison } from './fold.ts'

type FieldName = (field: FieldPlace | null) => string | null

/** A value as a kernel developer would write it, without numbers that vary between runs. */
export function showValue(value: Value, fieldName: FieldName): string {
  switch (value.kind) {
    case 'integer': {
      const signed = BigInt.asIntN(value.bits, value.value)
      return signed > -4096n || value.bits < 16 ? String(signed) : `0x${value.value.toString(16)}`
    }
    case 'pointer':
      return `&${value.object.name}${member(value.offset, value.field, fieldName, '.')}`
    case 'undecided':
      return value.offset === 0
        ? showName(value.symbol.name, fieldName)
        : `&${showName(value.symbol.name, fieldName)}${member(value.offset, value.field, fieldName, '->')}`
    case 'symbol':
      return showName(value.name, fieldName)
    case 'expression': {
      const parts = comparison(value)
      if (parts !== null)
        return `${showValue(parts.left, fieldName)} ${parts.predicate} ${showValue(parts.right, fieldName)}`
      const shown = value.operands.map((operand) => showValue(operand, fieldName))
      if (['zext', 'sext', 'trunc'].includes(value.operator)) return shown[0] ?? ''
      const sign = signs[value.operator]
      return sign === undefined ? `${value.operator}(${shown.join(', ')})` : `(${shown.join(` ${sign} `)})`
    }
    case 'aggregate':
    case 'opaque':
      return 'an unknown value'
  }
}

const signs: Readonly<Record<string, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  udiv: '/',
  sdiv: '/',
  urem: '%',
  srem: '%',
  and: '&',
  or: '|',
  xor: '^',
  shl: '<<',
  lshr: '>>',
  ashr: '>>',
}

function showName(name: SymbolName, fieldName: FieldName): string {
  switch (name.kind) {
    case 'text':
      return name.text
    case 'call':
      return `${name.function}()`
    case 'memory':
      return showMemory(name.object, name.offset, name.field, fieldName)
  }
}

function showMemory(
  object: MemoryObject,
  offset: number,
  field: FieldPlace | null,
  fieldName: FieldName,
): string {
  const direct = object.kind === 'stack' || object.kind === 'global'
  if (field === null)
    return direct && offset === 0
      ? object.name
      : `${direct ? '' : '*'}${object.name}${offset === 0 ? '' : `[+${offset}]`}`
  return `${object.name}${member(offset, field, fieldName, direct ? '.' : '->')}`
}

function member(offset: number, field: FieldPlace | null, fieldName: FieldName, arrow: string): string {
  if (field === null) return offset === 0 ? '' : `+${offset}`
  const name = fieldName(field)
  return name === null ? `${arrow}[+${field.offset}]` : `${arrow}${name.slice(name.indexOf('.') + 1)}`
}
