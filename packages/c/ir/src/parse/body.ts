// SPDX-License-Identifier: GPL-2.0-only
import { parseInstruction } from './instruction.ts'
import { IrSyntaxError, Lexer } from './lexer.ts'
import type { FunctionScope } from './scope.ts'
import { parseTypedValue } from './value.ts'
import type { BasicBlock, DebugRecord, FunctionBody } from '../body.ts'
import type { Instruction, UnknownInstruction } from '../instructions.ts'
import { metadataType, voidType } from '../types.ts'
import type { Value } from '../values.ts'

/**
 * Parses the blocks between the braces of a function. Unknown text becomes an `unknown` instruction, and parsing
 * continues at the next line that starts an instruction.
 *
 * @param entry - name of the first block if it has no label
 */
export function parseBody(
  text: string,
  start: number,
  end: number,
  entry: string,
  scope: FunctionScope,
): FunctionBody {
  const blocks: { name: string; instructions: Instruction[] }[] = []
  const debugRecords: DebugRecord[] = []
  let current: Instruction[] | null = null
  let at = start
  let lexer: Lexer | null = null
  while (at < end) {
    const lineEnd = endOfLine(text, at, end)
    const first = text.charCodeAt(at)
    if (first !== space) {
      const label = labelAt(text, at, lineEnd)
      if (label !== null) {
        current = []
        blocks.push({ name: label, instructions: current })
      }
      at = lineEnd + 1
      continue
    }
    if (current === null) {
      current = []
      blocks.push({ name: entry, instructions: current })
    }
    try {
      if (lexer === null) lexer = new Lexer(text, at, end)
      else lexer.seek(at)
      let record: DebugRecord | 'other' | null = 'other'
      let instruction: Instruction | null = null
      if (lexer.at('word') && lexer.value.startsWith('#dbg_'))
        record = parseDebugRecord(lexer, scope) ?? 'other'
      else if (!lexer.at('end')) {
        instruction = parseInstruction(lexer, scope)
        record = debugIntrinsic(instruction)
      }
      const next = lexer.at('end') ? end : startOfLine(text, lexer.start)
      if (next <= at) lexer.fail('more than an instruction')
      if (record !== null && record !== 'other') debugRecords.push(record)
      else if (record === null && instruction !== null) current.push(instruction)
      at = next
    } catch (error) {
      if (!(error instanceof IrSyntaxError)) throw error
      const next = nextInstruction(text, lineEnd + 1, end)
      current.push(unknown(text.slice(at, next).trim(), error.message))
      at = next
    }
  }
  return { blocks: blocks satisfies BasicBlock[], debugRecords }
}

const space = 32

function endOfLine(text: string, at: number, end: number): number {
  const newline = text.indexOf('\n', at)
  return newline < 0 || newline > end ? end : newline
}

function startOfLine(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1
}

function labelAt(text: string, at: number, lineEnd: number): string | null {
  const match = /^(?:"([^"]*)"|([-\w$.]+)):/.exec(text.slice(at, Math.min(lineEnd, at + 512)))
  return match === null ? null : (match[1] ?? match[2] ?? null)
}

/** Skips continuation lines: those that are indented by more than two spaces, or that close a bracket. */
function nextInstruction(text: string, from: number, end: number): number {
  let at = from
  while (at < end) {
    const deeper = text.startsWith('   ', at) && !text.startsWith('    #dbg_', at)
    if (!deeper && !text.startsWith('  ]', at)) return at
    at = endOfLine(text, at, end) + 1
  }
  return end
}

function unknown(text: string, reason: string): UnknownInstruction {
  const result = /^%("?)([^" ]+)\1 =/.exec(text)?.[2] ?? null
  const location = /, !dbg !(\d+)/.exec(text)?.[1]
  return {
    opcode: 'unknown',
    result,
    type: voidType,
    location: location === undefined ? null : Number(location),
    text,
    reason,
  }
}

/** Parses `#dbg_declare(ptr %1, !2, !DIExpression(), !3)` (clang 19 and later); null for other kinds of records. */
function parseDebugRecord(lexer: Lexer, scope: FunctionScope): DebugRecord | null {
  const kind = recordKinds.get(lexer.take('word'))
  if (kind === undefined) {
    lexer.skipBalanced()
    return null
  }
  lexer.expect('(')
  let value: Value | null = null
  if (lexer.at('metadata')) {
    lexer.advance()
    if (lexer.is('{') || lexer.is('(')) lexer.skipBalanced()
  } else value = parseTypedValue(lexer, scope.types)
  lexer.expect(',')
  const variable = Number(lexer.take('metadata'))
  lexer.expect(',')
  const expression = expressionText(lexer)
  while (lexer.accept(',')) {
    if (lexer.at('metadata')) lexer.advance()
    else parseTypedValue(lexer, scope.types)
    if (lexer.is('(')) lexer.skipBalanced()
  }
  lexer.expect(')')
  return { kind, value, variable, expression }
}

const recordKinds = new Map<string, DebugRecord['kind']>([
  ['#dbg_declare', 'declare'],
  ['#dbg_value', 'value'],
  ['llvm.dbg.declare', 'declare'],
  ['llvm.dbg.value', 'value'],
])

function expressionText(lexer: Lexer): string {
  lexer.take('metadata')
  const start = lexer.start
  lexer.skipBalanced()
  return lexer.text
    .slice(start, lexer.start)
    .replace(/^\(|\)\s*,?\s*$/g, '')
    .trim()
}

/**
 * Converts `call void @llvm.dbg.declare(metadata ptr %1, metadata !2, ...)` (clang 16 to 18). Returns `other` for a
 * debug intrinsic that maps no variable, and null for all other instructions.
 */
function debugIntrinsic(instruction: Instruction): DebugRecord | 'other' | null {
  if (instruction.opcode !== 'call') return null
  const { callee } = instruction
  if (callee.kind !== 'global' || !callee.name.startsWith('llvm.dbg.')) return null
  const kind = recordKinds.get(callee.name)
  const [value, variable] = instruction.arguments
  if (kind === undefined || variable?.kind !== 'metadata' || variable.node === null) return 'other'
  const inner = value?.kind === 'metadata' ? value.value : null
  return { kind, value: inner?.type === metadataType ? null : inner, variable: variable.node, expression: '' }
}
