// SPDX-License-Identifier: GPL-2.0-only
import { skipAttributes } from './attribute.ts'
import { decodeBytes, type Lexer } from './lexer.ts'
import type { TypeScope } from './scope.ts'
import { parseType } from './type.ts'
import { integerType, labelType, pointerType, type Type } from '../types.ts'
import type { BinaryOperation, CastOperation, Constant, Predicate, Value } from '../values.ts'

export const castOperations: ReadonlyMap<string, CastOperation> = named(
  'trunc',
  'zext',
  'sext',
  'ptrtoint',
  'inttoptr',
  'bitcast',
  'addrspacecast',
)
export const binaryOperations: ReadonlyMap<string, BinaryOperation> = named(
  'add',
  'sub',
  'mul',
  'udiv',
  'sdiv',
  'urem',
  'srem',
  'shl',
  'lshr',
  'ashr',
  'and',
  'or',
  'xor',
)
const predicates: ReadonlyMap<string, Predicate> = named(
  'eq',
  'ne',
  'ugt',
  'uge',
  'ult',
  'ule',
  'sgt',
  'sge',
  'slt',
  'sle',
)
/** Flags between an operation and its operands. */
const operationFlags = new Set(
  'nuw nsw exact disjoint nneg samesign inbounds nusw fast nnan ninf nsz arcp contract afn reassoc'.split(
    ' ',
  ),
)

function named<T extends string>(...names: readonly T[]): ReadonlyMap<string, T> {
  return new Map(names.map((name) => [name, name]))
}

/** Consumes the flags of an operation and returns them. */
export function parseFlags(lexer: Lexer): readonly string[] {
  let flags: string[] | null = null
  while (lexer.at('word') && operationFlags.has(lexer.value)) {
    ;(flags ??= []).push(lexer.take('word'))
  }
  return flags ?? noFlags
}
const noFlags: readonly string[] = []

/** @throws IrSyntaxError */
export function parsePredicate(lexer: Lexer): Predicate {
  return predicates.get(lexer.take('word')) ?? lexer.fail('unknown predicate before')
}

/** Parses a type and a value of that type. @throws IrSyntaxError */
export function parseTypedValue(lexer: Lexer, scope: TypeScope): Value {
  return parseValue(lexer, scope, parseType(lexer, scope))
}

/** Parses `label %name` and returns the name. @throws IrSyntaxError */
export function parseLabel(lexer: Lexer): string {
  lexer.expect('label')
  return lexer.take('local')
}

/** Parses `[label %a, label %b]` and returns the names. @throws IrSyntaxError */
export function parseLabels(lexer: Lexer): readonly string[] {
  lexer.expect('[')
  const labels: string[] = []
  while (!lexer.accept(']')) {
    labels.push(parseLabel(lexer))
    if (!lexer.is(']')) lexer.expect(',')
  }
  return labels
}

/** Parses an operand whose type is known. @throws IrSyntaxError */
export function parseValue(lexer: Lexer, scope: TypeScope, type: Type): Value {
  if (lexer.at('local')) {
    const name = lexer.value
    lexer.advance()
    return { kind: 'local', type, name }
  }
  if (type.kind === 'metadata') return parseMetadata(lexer, scope, type)
  if (lexer.is('asm')) return parseAsm(lexer, type)
  return parseConstant(lexer, scope, type)
}

function parseMetadata(lexer: Lexer, scope: TypeScope, type: Type): Value {
  if (!lexer.at('metadata')) {
    return { kind: 'metadata', type, node: null, value: parseTypedValue(lexer, scope) }
  }
  const name = lexer.take('metadata')
  if (/^\d+$/.test(name)) return { kind: 'metadata', type, node: Number(name), value: null }
  if (lexer.at('string')) lexer.advance()
  else if (lexer.is('(') || lexer.is('{')) lexer.skipBalanced()
  return { kind: 'metadata', type, node: null, value: null }
}

function parseAsm(lexer: Lexer, type: Type): Value {
  lexer.expect('asm')
  let sideEffect = false
  while (lexer.at('word')) sideEffect = lexer.take('word') === 'sideeffect' || sideEffect
  const text = lexer.take('string')
  lexer.expect(',')
  return { kind: 'asm', type, text, constraints: lexer.take('string'), sideEffect }
}

/** Parses a constant whose type is known. @throws IrSyntaxError */
export function parseConstant(lexer: Lexer, scope: TypeScope, type: Type): Constant {
  switch (lexer.kind) {
    case 'number': {
      if (type.kind !== 'integer') lexer.fail('a number that is not an integer')
      return { kind: 'integer', type, value: BigInt.asUintN(type.bits, BigInt(lexer.take('number'))) }
    }
    case 'float':
      return { kind: 'float', type, text: lexer.take('float') }
    case 'global':
      return { kind: 'global', type, name: symbolName(lexer.take('global')) }
    case 'bytes':
      return { kind: 'bytes', type, bytes: decodeBytes(lexer.take('bytes')) }
    case 'punctuation':
      return parseAggregateConstant(lexer, scope, type)
    case 'word':
      return parseWord(lexer, scope, type)
    default:
      return lexer.fail('expected a constant')
  }
}

/** Symbol name as the assembler sees it. LLVM marks a name that must not be mangled with a leading `\01`. */
export function symbolName(name: string): string {
  return name.startsWith('\x01') ? name.slice(1) : name
}

function parseWord(lexer: Lexer, scope: TypeScope, type: Type): Constant {
  const word = lexer.take('word')
  switch (word) {
    case 'true':
      return { kind: 'integer', type, value: 1n }
    case 'false':
      return { kind: 'integer', type, value: 0n }
    case 'null':
    case 'undef':
    case 'poison':
      return { kind: word, type }
    case 'zeroinitializer':
      return { kind: 'zero', type }
    case 'none':
      return { kind: 'null', type }
    case 'dso_local_equivalent':
    case 'no_cfi':
      return { kind: 'global', type, name: symbolName(lexer.take('global')) }
    case 'blockaddress': {
      lexer.expect('(')
      const name = symbolName(lexer.take('global'))
      lexer.expect(',')
      const block = lexer.take('local')
      lexer.expect(')')
      return { kind: 'blockaddress', type, function: name, block }
    }
    case 'splat': {
      lexer.expect('(')
      const value = parseTypedConstant(lexer, scope)
      lexer.expect(')')
      return { kind: 'splat', type, value }
    }
    default:
      return parseExpression(lexer, scope, type, word)
  }
}

function parseExpression(lexer: Lexer, scope: TypeScope, type: Type, word: string): Constant {
  const operation = castOperations.get(word)
  parseFlags(lexer)
  if (operation !== undefined) {
    lexer.expect('(')
    const value = parseTypedConstant(lexer, scope)
    lexer.expect('to')
    const to = parseType(lexer, scope)
    lexer.expect(')')
    return { kind: 'cast', type: to, operation, value }
  }
  switch (word) {
    case 'getelementptr':
      return parseGetElementPtr(lexer, scope)
    case 'icmp': {
      const predicate = parsePredicate(lexer)
      const [left, right] = parseOperands(lexer, scope, 2)
      if (left === undefined || right === undefined) lexer.fail('expected two operands before')
      return { kind: 'icmp', type: integerType(1), predicate, left, right }
    }
    case 'select': {
      const [condition, left, right] = parseOperands(lexer, scope, 3)
      if (condition === undefined || left === undefined || right === undefined) {
        lexer.fail('expected three operands before')
      }
      return { kind: 'select', type: left.type, condition, left, right }
    }
  }
  const binary = binaryOperations.get(word)
  if (binary !== undefined) {
    const [left, right] = parseOperands(lexer, scope, 2)
    if (left === undefined || right === undefined) lexer.fail('expected two operands before')
    return { kind: 'binary', type: left.type, operation: binary, left, right }
  }
  const start = lexer.start
  if (lexer.is('(')) lexer.skipBalanced()
  return { kind: 'unknown', type, text: word + lexer.text.slice(start, lexer.start).trim() }
}

function parseGetElementPtr(lexer: Lexer, scope: TypeScope): Constant {
  if (lexer.accept('inrange') && lexer.is('(')) lexer.skipBalanced()
  lexer.expect('(')
  const sourceType = parseType(lexer, scope)
  lexer.expect(',')
  const base = parseTypedConstant(lexer, scope)
  const indices: Constant[] = []
  while (lexer.accept(',')) {
    lexer.accept('inrange')
    indices.push(parseTypedConstant(lexer, scope))
  }
  lexer.expect(')')
  return { kind: 'getelementptr', type: pointerType, sourceType, base, indices }
}

function parseOperands(lexer: Lexer, scope: TypeScope, count: number): readonly Constant[] {
  lexer.expect('(')
  const operands: Constant[] = []
  for (let i = 0; i < count; i++) {
    if (i > 0) lexer.expect(',')
    operands.push(parseTypedConstant(lexer, scope))
  }
  lexer.expect(')')
  return operands
}

function parseAggregateConstant(lexer: Lexer, scope: TypeScope, type: Type): Constant {
  const packed = lexer.accept('<')
  const struct = packed && lexer.accept('{')
  let close = '>'
  if (struct) close = '}'
  else if (!packed) {
    if (lexer.accept('{')) close = '}'
    else {
      lexer.expect('[')
      close = ']'
    }
  }
  const elements: Constant[] = []
  while (!lexer.accept(close)) {
    elements.push(parseTypedConstant(lexer, scope))
    if (!lexer.is(close)) lexer.expect(',')
  }
  if (struct) lexer.expect('>')
  return { kind: 'aggregate', type, elements }
}

function parseTypedConstant(lexer: Lexer, scope: TypeScope): Constant {
  const type = parseType(lexer, scope)
  skipAttributes(lexer)
  if (type === labelType) lexer.fail('a label is not a constant')
  return parseConstant(lexer, scope, type)
}
