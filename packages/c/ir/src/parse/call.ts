// SPDX-License-Identifier: GPL-2.0-only
import type { Lexer } from './lexer.ts'
import { parseFunctionAttributes, parseParameterAttributes } from './parameters.ts'
import type { FunctionScope } from './scope.ts'
import { parseType } from './type.ts'
import { parseFlags, parseLabel, parseLabels, parseValue } from './value.ts'
import { noAttributes, type ParameterAttributes } from '../attributes.ts'
import type { CallBase, CallBranchInstruction, CallInstruction } from '../instructions.ts'
import { pointerType, type FunctionType } from '../types.ts'
import type { Value } from '../values.ts'

/** Parses the operands of `call`. @throws IrSyntaxError */
export function parseCall(lexer: Lexer, scope: FunctionScope, result: string | null): CallInstruction {
  return { opcode: 'call', ...parseShared(lexer, scope, result) }
}

/** Parses the operands of `callbr`. @throws IrSyntaxError */
export function parseCallBranch(
  lexer: Lexer,
  scope: FunctionScope,
  result: string | null,
): CallBranchInstruction {
  const shared = parseShared(lexer, scope, result)
  lexer.expect('to')
  const fallthrough = parseLabel(lexer)
  return { opcode: 'callbr', ...shared, fallthrough, indirect: parseLabels(lexer) }
}

/** Skips a calling convention, such as `fastcc`, `arm_aapcscc` or `cc 17`. */
export function skipCallingConvention(lexer: Lexer): void {
  if (!lexer.at('word') || !lexer.value.endsWith('cc')) return
  lexer.advance()
  if (lexer.at('number')) lexer.advance()
}

function parseShared(lexer: Lexer, scope: FunctionScope, result: string | null): CallBase {
  parseFlags(lexer)
  skipCallingConvention(lexer)
  const resultAttributes = parseParameterAttributes(lexer, scope.types)
  const written = parseType(lexer, scope.types)
  const callee = parseValue(lexer, scope.types, pointerType)
  lexer.expect('(')
  let passed = none
  let attributes = noneOfAttributes
  if (!lexer.accept(')')) {
    const values: Value[] = []
    const all: ParameterAttributes[] = []
    do {
      const type = parseType(lexer, scope.types)
      all.push(type.kind === 'metadata' ? noAttributes : parseParameterAttributes(lexer, scope.types))
      values.push(parseValue(lexer, scope.types, type))
    } while (lexer.accept(','))
    lexer.expect(')')
    passed = values
    attributes = all
  }
  const functionType: FunctionType =
    written.kind === 'function'
      ? written
      : { kind: 'function', result: written, parameters: passed.map(({ type }) => type), variadic: false }
  const own = parseFunctionAttributes(lexer, scope.attributeGroups)
  if (lexer.is('[')) lexer.skipBalanced()
  return {
    result,
    type: functionType.result,
    location: null,
    callee,
    functionType,
    arguments: passed,
    argumentAttributes: attributes,
    resultAttributes,
    attributes: own,
  }
}

const none: readonly Value[] = []
const noneOfAttributes: readonly ParameterAttributes[] = []
