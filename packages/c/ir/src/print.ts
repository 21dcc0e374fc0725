// SPDX-License-Identifier: GPL-2.0-only
import type { Type } from './types.ts'
import type { Value } from './values.ts'

/** Prints a type in LLVM's syntax. */
export function printType(type: Type): string {
  switch (type.kind) {
    case 'integer':
      return `i${type.bits}`
    case 'pointer':
      return type.addressSpace === 0 ? 'ptr' : `ptr addrspace(${type.addressSpace})`
    case 'float':
      return type.name
    case 'array':
      return `[${type.length} x ${printType(type.element)}]`
    case 'vector':
      return `<${type.scalable ? 'vscale x ' : ''}${type.length} x ${printType(type.element)}>`
    case 'struct': {
      if (type.name !== null) return `%${printName(type.name)}`
      const fields = (type.fields ?? []).map(printType)
      const body = fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
      return type.packed ? `<${body}>` : body
    }
    case 'function': {
      const parameters = type.parameters.map(printType)
      if (type.variadic) parameters.push('...')
      return `${printType(type.result)} (${parameters.join(', ')})`
    }
    default:
      return type.kind
  }
}

/** Prints an operand in LLVM's syntax, without its type. */
export function printValue(value: Value): string {
  switch (value.kind) {
    case 'local':
      return `%${printName(value.name)}`
    case 'global':
      return `@${printName(value.name)}`
    case 'integer': {
      if (value.type.kind !== 'integer') return String(value.value)
      if (value.type.bits === 1) return value.value === 1n ? 'true' : 'false'
      return String(BigInt.asIntN(value.type.bits, value.value))
    }
    case 'float':
    case 'unknown':
      return value.text
    case 'null':
    case 'undef':
    case 'poison':
      return value.kind
    case 'zero':
      return 'zeroinitializer'
    case 'bytes':
      return `c"${printBytes(value.bytes)}"`
    case 'aggregate': {
      const elements = value.elements.map(printTyped).join(', ')
      if (value.type.kind === 'array') return `[${elements}]`
      if (value.type.kind === 'vector') return `<${elements}>`
      const body = elements === '' ? '{}' : `{ ${elements} }`
      return value.type.kind === 'struct' && value.type.packed ? `<${body}>` : body
    }
    case 'splat':
      return `splat (${printTyped(value.value)})`
    case 'blockaddress':
      return `blockaddress(@${printName(value.function)}, %${printName(value.block)})`
    case 'getelementptr':
      return `getelementptr (${[printType(value.sourceType), printTyped(value.base), ...value.indices.map(printTyped)].join(', ')})`
    case 'cast':
      return `${value.operation} (${printTyped(value.value)} to ${printType(value.type)})`
    case 'binary':
      return `${value.operation} (${printTyped(value.left)}, ${printTyped(value.right)})`
    case 'icmp':
      return `icmp ${value.predicate} (${printTyped(value.left)}, ${printTyped(value.right)})`
    case 'select':
      return `select (${printTyped(value.condition)}, ${printTyped(value.left)}, ${printTyped(value.right)})`
    case 'asm':
      return `asm${value.sideEffect ? ' sideeffect' : ''} ${printString(value.text)}, ${printString(value.constraints)}`
    case 'metadata':
      if (value.node !== null) return `!${value.node}`
      return value.value === null ? '!{}' : printTyped(value.value)
  }
}

function printTyped(value: Value): string {
  return `${printType(value.type)} ${printValue(value)}`
}

function printName(name: string): string {
  return /^[-\w.$]+$/.test(name) ? name : printString(name)
}

function printString(text: string): string {
  return `"${printBytes(Uint8Array.from(text, (character) => character.charCodeAt(0)))}"`
}

/** Prints bytes between quotes, with escapes for bytes that are not printable. */
function printBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    const plain = byte >= 32 && byte < 127 && byte !== 34 && byte !== 92
    text += plain ? String.fromCharCode(byte) : `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}
