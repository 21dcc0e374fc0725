// SPDX-License-Identifier: GPL-2.0-only
import { skipAttributes } from './attribute.ts'
import { IrSyntaxError, type Lexer } from './lexer.ts'
import type { TypeScope } from './scope.ts'
import { parseType } from './type.ts'
import { parseConstant, symbolName } from './value.ts'
import type { Alias, GlobalVariable, Linkage } from '../module.ts'
import { pointerType, type Type } from '../types.ts'
import type { Constant } from '../values.ts'

const linkages = new Map<string, Linkage>(
  (
    [
      'external',
      'internal',
      'private',
      'weak',
      'weak_odr',
      'linkonce',
      'linkonce_odr',
      'available_externally',
      'common',
      'appending',
      'extern_weak',
    ] satisfies Linkage[]
  ).map((name) => [name, name]),
)

/** Keywords of a symbol that this parser ignores. */
const symbolWords = new Set(
  (
    'dso_local dso_preemptable default hidden protected dllimport dllexport unnamed_addr local_unnamed_addr ' +
    'externally_initialized'
  ).split(' '),
)

/** The keywords between a symbol's name and its kind. */
export interface SymbolPrefix {
  readonly linkage: Linkage
  readonly written: boolean
  readonly threadLocal: boolean
}

/** Parses linkage, visibility and similar keywords. @throws IrSyntaxError */
export function parseSymbolPrefix(lexer: Lexer): SymbolPrefix {
  let linkage: Linkage = 'external'
  let written = false
  let threadLocal = false
  while (lexer.at('word')) {
    const named = linkages.get(lexer.value)
    if (named !== undefined) {
      linkage = named
      written = true
      lexer.advance()
    } else if (symbolWords.has(lexer.value)) lexer.advance()
    else if (lexer.is('thread_local') || lexer.is('addrspace')) {
      threadLocal = lexer.is('thread_local') || threadLocal
      lexer.advance()
      if (lexer.is('(')) lexer.skipBalanced()
    } else break
  }
  return { linkage, written, threadLocal }
}

/** Parses `@name = ...`: a variable or an alias. @throws IrSyntaxError */
export function parseGlobalLine(lexer: Lexer, types: TypeScope): GlobalVariable | Alias {
  const name = symbolName(lexer.take('global'))
  lexer.expect('=')
  const prefix = parseSymbolPrefix(lexer)
  if (lexer.accept('alias')) {
    const type = parseType(lexer, types)
    lexer.expect(',')
    const target = parseConstant(lexer, types, parseTargetType(lexer, types))
    return { name, linkage: prefix.linkage, type, target }
  }
  const constant = lexer.accept('constant')
  if (!constant) lexer.expect('global')
  const type = parseType(lexer, types)
  const declaration = prefix.linkage === 'extern_weak' || (prefix.linkage === 'external' && prefix.written)
  const initializer = declaration ? null : parseInitializer(lexer, types, type)
  const rest = parseSuffix(lexer)
  return {
    name,
    linkage: prefix.linkage,
    type,
    constant,
    threadLocal: prefix.threadLocal,
    initializer,
    ...rest,
  }
}

/** Parses the type of an alias target. A target that is a constant expression may start without a type. */
function parseTargetType(lexer: Lexer, types: TypeScope): Type {
  return lexer.is('getelementptr') || lexer.is('bitcast') || lexer.is('inttoptr')
    ? pointerType
    : parseType(lexer, types)
}

function parseInitializer(lexer: Lexer, types: TypeScope, type: Type): Constant {
  const { start } = lexer
  try {
    return parseConstant(lexer, types, type)
  } catch (error) {
    if (!(error instanceof IrSyntaxError)) throw error
    const { text, end } = lexer
    const tail = /, (?:section|comdat|align|!|partition|no_sanitize|sanitize|code_model)/.exec(
      text.slice(start, end),
    )
    lexer.seek(tail === null ? end : start + tail.index)
    return { kind: 'unknown', type, text: text.slice(start, lexer.start) }
  }
}

function parseSuffix(lexer: Lexer): Pick<GlobalVariable, 'section' | 'alignment' | 'debug'> {
  let section: string | null = null
  let alignment = 0
  let debug: number | null = null
  skipAttributes(lexer)
  while (lexer.accept(',')) {
    if (lexer.accept('section')) section = lexer.take('string')
    else if (lexer.accept('align')) alignment = lexer.takeCount()
    else if (lexer.at('metadata')) {
      const isDebug = lexer.take('metadata') === 'dbg'
      const node = lexer.take('metadata')
      if (isDebug) debug = Number(node)
      if (lexer.is('(') || lexer.is('{')) lexer.skipBalanced()
    } else {
      // Skip partition "x", comdat($x), code_model "small" or a sanitizer word.
      lexer.advance()
      if (lexer.is('(')) lexer.skipBalanced()
      else if (lexer.at('string')) lexer.advance()
    }
    skipAttributes(lexer)
  }
  return { section, alignment, debug }
}
