// SPDX-License-Identifier: GPL-2.0-only
import { atAttribute, skipAttribute } from './attribute.ts'
import type { Lexer } from './lexer.ts'
import type { TypeScope } from './scope.ts'
import { parseType } from './type.ts'
import { noAttributes, type ParameterAttributes } from '../attributes.ts'
import type { Type } from '../types.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Parses the attributes of a parameter, an argument or a result. @throws IrSyntaxError */
export function parseParameterAttributes(lexer: Lexer, scope: TypeScope): ParameterAttributes {
  let found: Mutable<ParameterAttributes> | null = null
  while (atAttribute(lexer)) {
    const word = lexer.at('word') ? lexer.value : ''
    switch (word) {
      case 'signext':
      case 'zeroext':
      case 'nonnull':
        lexer.advance()
        found ??= { ...noAttributes }
        if (word === 'signext') found.signExtend = true
        else if (word === 'zeroext') found.zeroExtend = true
        else found.nonNull = true
        break
      case 'byval':
      case 'sret':
      case 'elementtype': {
        lexer.advance()
        const type = parseTypeInParentheses(lexer, scope)
        found ??= { ...noAttributes }
        if (word === 'byval') found.byValue = type
        else if (word === 'sret') found.structResult = type
        else found.elementType = type
        break
      }
      case 'align': {
        lexer.advance()
        const parenthesis = lexer.accept('(')
        found ??= { ...noAttributes }
        found.alignment = lexer.takeCount()
        if (parenthesis) lexer.expect(')')
        break
      }
      default:
        skipAttribute(lexer)
    }
  }
  return found ?? noAttributes
}

function parseTypeInParentheses(lexer: Lexer, scope: TypeScope): Type {
  lexer.expect('(')
  const type = parseType(lexer, scope)
  lexer.expect(')')
  return type
}

/** Parses the attributes of a function or a call. Expands attribute groups (`#5`). @throws IrSyntaxError */
export function parseFunctionAttributes(
  lexer: Lexer,
  groups: ReadonlyMap<string, ReadonlyMap<string, string | null>>,
): ReadonlyMap<string, string | null> {
  let own: Map<string, string | null> | null = null
  let shared: ReadonlyMap<string, string | null> | null = null
  while (atAttribute(lexer)) {
    if (lexer.at('group')) {
      shared = groups.get(lexer.take('group')) ?? null
      continue
    }
    const name = lexer.value
    const start = lexer.position
    skipAttribute(lexer)
    const value = lexer.text.slice(start, lexer.start).replace(/^\s*=\s*/, '')
    own ??= new Map()
    own.set(name, value.trim() === '' ? null : value.trim().replace(/^"(.*)"$/s, '$1'))
  }
  if (own === null) return shared ?? none
  if (shared !== null) for (const [name, value] of shared) own.set(name, value)
  return own
}

const none: ReadonlyMap<string, string | null> = new Map()
