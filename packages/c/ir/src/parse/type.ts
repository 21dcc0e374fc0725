// SPDX-License-Identifier: GPL-2.0-only
import { skipAttributes } from './attribute.ts'
import type { Lexer } from './lexer.ts'
import type { TypeScope } from './scope.ts'
import {
  integerType,
  labelType,
  metadataType,
  pointerType,
  voidType,
  type FloatName,
  type FloatType,
  type FunctionType,
  type Type,
} from '../types.ts'

const floatTypes = new Map<string, FloatType>(
  (['half', 'bfloat', 'float', 'double', 'x86_fp80', 'fp128', 'ppc_fp128'] satisfies FloatName[]).map(
    (name) => [name, { kind: 'float', name }],
  ),
)
const tokenType: Type = { kind: 'token' }
const targetType: Type = { kind: 'target' }

/** Parses a type. @throws IrSyntaxError */
export function parseType(lexer: Lexer, scope: TypeScope): Type {
  let type = parseFirst(lexer, scope)
  while (lexer.is('(')) type = parseFunctionType(type, lexer, scope)
  return type
}

function parseFirst(lexer: Lexer, scope: TypeScope): Type {
  if (lexer.at('local')) return scope.struct(lexer.take('local'))
  if (lexer.kind === 'punctuation') return parseAggregate(lexer, scope)
  const word = lexer.take('word')
  switch (word) {
    case 'ptr':
      return parseAddressSpace(lexer)
    case 'void':
      return voidType
    case 'label':
      return labelType
    case 'metadata':
      return metadataType
    case 'token':
      return tokenType
    case 'target':
    case 'x86_amx':
    case 'x86_mmx':
      if (lexer.is('(')) lexer.skipBalanced()
      return targetType
  }
  if (word.startsWith('i') && word.length > 1) {
    const bits = Number(word.slice(1))
    if (Number.isInteger(bits) && bits > 0) return integerType(bits)
  }
  return floatTypes.get(word) ?? lexer.fail(`unknown type ${word} before`)
}

function parseAddressSpace(lexer: Lexer): Type {
  if (!lexer.accept('addrspace')) return pointerType
  lexer.expect('(')
  const addressSpace = lexer.takeCount()
  lexer.expect(')')
  return { kind: 'pointer', addressSpace }
}

function parseAggregate(lexer: Lexer, scope: TypeScope): Type {
  if (lexer.accept('[')) {
    const length = lexer.takeCount()
    lexer.expect('x')
    const element = parseType(lexer, scope)
    lexer.expect(']')
    return { kind: 'array', length, element }
  }
  if (lexer.is('{')) {
    return { kind: 'struct', name: null, fields: parseFields(lexer, scope), packed: false }
  }
  lexer.expect('<')
  if (lexer.is('{')) {
    const fields = parseFields(lexer, scope)
    lexer.expect('>')
    return { kind: 'struct', name: null, fields, packed: true }
  }
  let scalable = false
  if (lexer.accept('vscale')) {
    lexer.expect('x')
    scalable = true
  }
  const length = lexer.takeCount()
  lexer.expect('x')
  const element = parseType(lexer, scope)
  lexer.expect('>')
  return { kind: 'vector', length, scalable, element }
}

/** Parses `{ type, type }`. @throws IrSyntaxError */
export function parseFields(lexer: Lexer, scope: TypeScope): readonly Type[] {
  lexer.expect('{')
  const fields: Type[] = []
  while (!lexer.accept('}')) {
    fields.push(parseType(lexer, scope))
    if (!lexer.is('}')) lexer.expect(',')
  }
  return fields
}

function parseFunctionType(result: Type, lexer: Lexer, scope: TypeScope): FunctionType {
  lexer.expect('(')
  const parameters: Type[] = []
  let variadic = false
  while (!lexer.accept(')')) {
    if (lexer.accept('...')) variadic = true
    else {
      parameters.push(parseType(lexer, scope))
      skipAttributes(lexer)
    }
    if (!lexer.is(')')) lexer.expect(',')
  }
  return { kind: 'function', result, parameters, variadic }
}
