// SPDX-License-Identifier: GPL-2.0-only
import { atAttribute } from './attribute.ts'
import { parseBody } from './body.ts'
import { skipCallingConvention } from './call.ts'
import { parseSymbolPrefix } from './global.ts'
import type { Lexer } from './lexer.ts'
import { parseFunctionAttributes, parseParameterAttributes } from './parameters.ts'
import type { FunctionScope } from './scope.ts'
import { parseType } from './type.ts'
import { symbolName } from './value.ts'
import type { FunctionBody } from '../body.ts'
import type { IrFunction, Parameter } from '../module.ts'
import type { FunctionType } from '../types.ts'

/**
 * Parses a `define` or `declare` line.
 *
 * @param body - position of the body; null for a declaration
 * @throws IrSyntaxError
 */
export function parseFunctionHeader(
  lexer: Lexer,
  scope: FunctionScope,
  body: { readonly start: number; readonly end: number } | null,
): IrFunction {
  lexer.advance()
  let subprogram = parseAttachedNode(lexer)
  const { linkage } = parseSymbolPrefix(lexer)
  skipCallingConvention(lexer)
  const resultAttributes = parseParameterAttributes(lexer, scope.types)
  const result = parseType(lexer, scope.types)
  const name = symbolName(lexer.take('global'))
  const { parameters, variadic, entry } = parseParameters(lexer, scope)
  const attributes = new Map<string, string | null>()
  let section: string | null = null
  let alignment = 0
  while (!lexer.at('end') && !lexer.is('{')) {
    if (lexer.accept('section')) section = lexer.take('string')
    else if (lexer.accept('align')) alignment = lexer.takeCount()
    else if (lexer.at('metadata')) subprogram = parseAttachedNode(lexer) ?? subprogram
    else if (atAttribute(lexer)) {
      for (const [key, value] of parseFunctionAttributes(lexer, scope.attributeGroups))
        attributes.set(key, value)
    } else {
      // Skip unnamed_addr, comdat($x), gc "x", personality or prefix.
      lexer.advance()
      if (lexer.is('(')) lexer.skipBalanced()
      else if (lexer.at('string')) lexer.advance()
    }
  }
  const type: FunctionType = { kind: 'function', result, parameters: parameters.map((p) => p.type), variadic }
  const { text } = lexer
  let read: FunctionBody | null = null
  return {
    name,
    linkage,
    type,
    parameters,
    resultAttributes,
    attributes,
    section,
    alignment,
    subprogram,
    defined: body !== null,
    body: () => (body === null ? null : (read ??= parseBody(text, body.start, body.end, entry, scope))),
  }
}

/** Parses attached metadata such as `!dbg !5`. Returns the node number of `!dbg`; null if there is none. */
function parseAttachedNode(lexer: Lexer): number | null {
  let found: number | null = null
  while (lexer.at('metadata')) {
    const name = lexer.take('metadata')
    const node = lexer.take('metadata')
    if (name === 'dbg') found = Number(node)
  }
  return found
}

/** Unnamed parameters are numbered. The entry block gets the next number. */
function parseParameters(
  lexer: Lexer,
  scope: FunctionScope,
): { parameters: readonly Parameter[]; variadic: boolean; entry: string } {
  const parameters: Parameter[] = []
  let variadic = false
  let unnamed = 0
  lexer.expect('(')
  while (!lexer.accept(')')) {
    if (lexer.accept('...')) variadic = true
    else {
      const type = parseType(lexer, scope.types)
      const attributes = parseParameterAttributes(lexer, scope.types)
      const name = lexer.at('local') ? lexer.take('local') : String(unnamed)
      if (name === String(unnamed)) unnamed++
      parameters.push({ name, type, attributes })
    }
    if (!lexer.is(')')) lexer.expect(',')
  }
  return { parameters, variadic, entry: String(unnamed) }
}
