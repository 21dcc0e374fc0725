// SPDX-License-Identifier: GPL-2.0-only
import { parseCall, parseCallBranch } from './call.ts'
import type { Lexer } from './lexer.ts'
import type { FunctionScope } from './scope.ts'
import { parseType } from './type.ts'
import {
  binaryOperations,
  castOperations,
  parseConstant,
  parseFlags,
  parseLabel,
  parseLabels,
  parsePredicate,
  parseTypedValue,
  parseValue,
} from './value.ts'
import type { Instruction } from '../instructions.ts'
import { integerType, pointerType, voidType, type Type } from '../types.ts'
import type { Constant } from '../values.ts'

type Location = { readonly location: number | null }

/** Parses an instruction and its metadata. @throws IrSyntaxError if the instruction is unknown */
export function parseInstruction(lexer: Lexer, scope: FunctionScope): Instruction {
  let result: string | null = null
  if (lexer.at('local')) {
    result = lexer.take('local')
    lexer.expect('=')
  }
  const parsed = parseOperation(lexer, scope, result)
  ;(parsed as { location: number | null }).location = parseAttachments(lexer)
  return parsed
}

/** Parses `, !dbg !5, !srcloc !6`. Returns the node number of the location; null if there is none. */
function parseAttachments(lexer: Lexer): number | null {
  let location: number | null = null
  while (lexer.accept(',')) {
    const name = lexer.take('metadata')
    const node = lexer.take('metadata')
    if (name === 'dbg') location = Number(node)
    if (lexer.is('(') || lexer.is('{')) lexer.skipBalanced()
  }
  return location
}

function parseOperation(lexer: Lexer, scope: FunctionScope, result: string | null): Instruction & Location {
  const word = lexer.take('word')
  const binary = binaryOperations.get(word)
  const location = null
  if (binary !== undefined) {
    const flags = parseFlags(lexer)
    const left = parseTypedValue(lexer, scope.types)
    lexer.expect(',')
    const right = parseValue(lexer, scope.types, left.type)
    return { opcode: 'binary', result, type: left.type, location, operation: binary, left, right, flags }
  }
  const cast = castOperations.get(word)
  if (cast !== undefined) {
    parseFlags(lexer)
    const value = parseTypedValue(lexer, scope.types)
    lexer.expect('to')
    return { opcode: 'cast', result, type: parseType(lexer, scope.types), location, operation: cast, value }
  }
  switch (word) {
    case 'load':
      return parseLoad(lexer, scope, result)
    case 'store':
      return parseStore(lexer, scope)
    case 'getelementptr': {
      const inbounds = parseFlags(lexer).includes('inbounds')
      const sourceType = parseType(lexer, scope.types)
      lexer.expect(',')
      const base = parseTypedValue(lexer, scope.types)
      const indices = []
      while (lexer.is(',') && !atAttachment(lexer)) {
        lexer.advance()
        indices.push(parseTypedValue(lexer, scope.types))
      }
      return {
        opcode: 'getelementptr',
        result,
        type: base.type,
        location,
        sourceType,
        base,
        indices,
        inbounds,
      }
    }
    case 'tail':
    case 'musttail':
    case 'notail':
      lexer.expect('call')
      return parseCall(lexer, scope, result)
    case 'call':
      return parseCall(lexer, scope, result)
    case 'callbr':
      return parseCallBranch(lexer, scope, result)
    case 'br': {
      if (lexer.is('label'))
        return { opcode: 'br', result, type: voidType, location, target: parseLabel(lexer) }
      const condition = parseTypedValue(lexer, scope.types)
      lexer.expect(',')
      const whenTrue = parseLabel(lexer)
      lexer.expect(',')
      return {
        opcode: 'condbr',
        result,
        type: voidType,
        location,
        condition,
        whenTrue,
        whenFalse: parseLabel(lexer),
      }
    }
    case 'icmp': {
      parseFlags(lexer)
      const predicate = parsePredicate(lexer)
      const left = parseTypedValue(lexer, scope.types)
      lexer.expect(',')
      const right = parseValue(lexer, scope.types, left.type)
      const type = left.type.kind === 'vector' ? { ...left.type, element: integerType(1) } : integerType(1)
      return { opcode: 'icmp', result, type, location, predicate, left, right }
    }
    case 'alloca':
      return parseAlloca(lexer, scope, result)
    case 'ret': {
      const type = parseType(lexer, scope.types)
      const value = type.kind === 'void' ? null : parseValue(lexer, scope.types, type)
      return { opcode: 'ret', result, type: voidType, location, value }
    }
    case 'phi':
      return parsePhi(lexer, scope, result)
    case 'select': {
      parseFlags(lexer)
      const condition = parseTypedValue(lexer, scope.types)
      lexer.expect(',')
      const left = parseTypedValue(lexer, scope.types)
      lexer.expect(',')
      const right = parseTypedValue(lexer, scope.types)
      return { opcode: 'select', result, type: left.type, location, condition, left, right }
    }
    case 'switch':
      return parseSwitch(lexer, scope)
    case 'indirectbr': {
      const address = parseTypedValue(lexer, scope.types)
      lexer.expect(',')
      return { opcode: 'indirectbr', result, type: voidType, location, address, targets: parseLabels(lexer) }
    }
    case 'unreachable':
      return { opcode: 'unreachable', result, type: voidType, location }
    case 'extractvalue': {
      const aggregate = parseTypedValue(lexer, scope.types)
      const path = parsePath(lexer)
      return {
        opcode: 'extractvalue',
        result,
        type: elementAt(aggregate.type, path, lexer),
        location,
        aggregate,
        path,
      }
    }
    case 'insertvalue': {
      const aggregate = parseTypedValue(lexer, scope.types)
      lexer.expect(',')
      const element = parseTypedValue(lexer, scope.types)
      const path = parsePath(lexer)
      return { opcode: 'insertvalue', result, type: aggregate.type, location, aggregate, element, path }
    }
    case 'freeze': {
      const value = parseTypedValue(lexer, scope.types)
      return { opcode: 'freeze', result, type: value.type, location, value }
    }
    case 'va_arg': {
      const list = parseTypedValue(lexer, scope.types)
      lexer.expect(',')
      return { opcode: 'va_arg', result, type: parseType(lexer, scope.types), location, list }
    }
    case 'fence':
      skipOrdering(lexer)
      return { opcode: 'fence', result, type: voidType, location }
    case 'atomicrmw': {
      lexer.accept('volatile')
      const operation = lexer.take('word')
      const address = parseTypedValue(lexer, scope.types)
      lexer.expect(',')
      const value = parseTypedValue(lexer, scope.types)
      skipOrdering(lexer)
      parseAlignment(lexer)
      return { opcode: 'atomicrmw', result, type: value.type, location, operation, address, value }
    }
    case 'cmpxchg': {
      const weak = lexer.accept('weak')
      lexer.accept('volatile')
      const address = parseTypedValue(lexer, scope.types)
      lexer.expect(',')
      const expected = parseTypedValue(lexer, scope.types)
      lexer.expect(',')
      const replacement = parseTypedValue(lexer, scope.types)
      skipOrdering(lexer)
      parseAlignment(lexer)
      const type: Type = {
        kind: 'struct',
        name: null,
        fields: [expected.type, integerType(1)],
        packed: false,
      }
      return { opcode: 'cmpxchg', result, type, location, weak, address, expected, replacement }
    }
    default:
      return lexer.fail(`unknown instruction ${word} before`)
  }
}

/** True if metadata such as `!dbg !5` follows the comma that is the current token, rather than an operand. */
function atAttachment(lexer: Lexer): boolean {
  let at = lexer.position
  while (lexer.text.charCodeAt(at) === 32) at++
  return lexer.text.charCodeAt(at) === 33
}

function parseAlignment(lexer: Lexer): number {
  if (!lexer.is(',') || atAttachment(lexer)) return 0
  lexer.advance()
  lexer.expect('align')
  return lexer.takeCount()
}

/** Parses `syncscope("x") acquire`. Returns the last word, which is the ordering; null if there is none. */
function skipOrdering(lexer: Lexer): string | null {
  let ordering: string | null = null
  while (lexer.at('word')) {
    if (lexer.accept('syncscope')) lexer.skipBalanced()
    else ordering = lexer.take('word')
  }
  return ordering
}

function parseLoad(lexer: Lexer, scope: FunctionScope, result: string | null): Instruction {
  const atomic = lexer.accept('atomic')
  const volatile = lexer.accept('volatile')
  const type = parseType(lexer, scope.types)
  lexer.expect(',')
  const address = parseTypedValue(lexer, scope.types)
  const ordering = atomic ? skipOrdering(lexer) : null
  const alignment = parseAlignment(lexer)
  return { opcode: 'load', result, type, location: null, address, alignment, volatile, ordering }
}

function parseStore(lexer: Lexer, scope: FunctionScope): Instruction {
  const atomic = lexer.accept('atomic')
  const volatile = lexer.accept('volatile')
  const value = parseTypedValue(lexer, scope.types)
  lexer.expect(',')
  const address = parseTypedValue(lexer, scope.types)
  const ordering = atomic ? skipOrdering(lexer) : null
  const alignment = parseAlignment(lexer)
  const base = { result: null, type: voidType, location: null }
  return { opcode: 'store', ...base, value, address, alignment, volatile, ordering }
}

function parseAlloca(lexer: Lexer, scope: FunctionScope, result: string | null): Instruction {
  if (lexer.is('inalloca')) lexer.fail('unknown alloca')
  const allocated = parseType(lexer, scope.types)
  let count = null
  let alignment = 0
  while (lexer.is(',') && !atAttachment(lexer)) {
    lexer.advance()
    if (lexer.accept('align')) alignment = lexer.takeCount()
    else if (lexer.is('addrspace')) lexer.fail('unknown alloca')
    else count = parseTypedValue(lexer, scope.types)
  }
  return { opcode: 'alloca', result, type: pointerType, location: null, allocated, count, alignment }
}

function parsePhi(lexer: Lexer, scope: FunctionScope, result: string | null): Instruction {
  parseFlags(lexer)
  const type = parseType(lexer, scope.types)
  const incoming = []
  do {
    lexer.expect('[')
    const value = parseValue(lexer, scope.types, type)
    lexer.expect(',')
    incoming.push({ value, block: lexer.take('local') })
    lexer.expect(']')
  } while (!atAttachment(lexer) && lexer.accept(','))
  return { opcode: 'phi', result, type, location: null, incoming }
}

function parseSwitch(lexer: Lexer, scope: FunctionScope): Instruction {
  const value = parseTypedValue(lexer, scope.types)
  lexer.expect(',')
  const fallback = parseLabel(lexer)
  lexer.expect('[')
  const cases: { value: Constant; target: string }[] = []
  while (!lexer.accept(']')) {
    const constant = parseConstant(lexer, scope.types, parseType(lexer, scope.types))
    lexer.expect(',')
    cases.push({ value: constant, target: parseLabel(lexer) })
  }
  return { opcode: 'switch', result: null, type: voidType, location: null, value, fallback, cases }
}

function parsePath(lexer: Lexer): readonly number[] {
  const path: number[] = []
  while (lexer.is(',') && !atAttachment(lexer)) {
    lexer.advance()
    path.push(lexer.takeCount())
  }
  return path
}

function elementAt(type: Type, path: readonly number[], lexer: Lexer): Type {
  let at: Type | undefined = type
  for (const index of path) {
    if (at?.kind === 'struct') at = at.fields?.[index]
    else if (at?.kind === 'array') at = at.element
    else at = undefined
  }
  return at ?? lexer.fail('no such element before')
}
