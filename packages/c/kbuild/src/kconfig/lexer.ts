// SPDX-License-Identifier: GPL-2.0-only
import type { Macros } from './macros.ts'

/** A word, a quoted text without its quotes, or an operator. Macro references are already expanded. */
export interface Token {
  readonly kind: 'word' | 'text' | 'sign'
  readonly text: string
}

/** A statement of a Kconfig file. */
export interface KconfigStatement {
  /** Number of its first line, from 1. */
  readonly line: number
  readonly text: string
}

const indentationOf = (line: string): number => {
  let column = 0
  for (const char of line) {
    if (char === '\t') column = (column & ~7) + 8
    else if (char === ' ') column++
    else break
  }
  return column
}

/**
 * Splits a Kconfig file into statements. Joins lines that end with a backslash. Drops help texts: a help text ends
 * before the first line with less indentation than its first line.
 */
export function* statementsOf(text: string): Generator<KconfigStatement> {
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1
    let statement = lines[at] ?? ''
    while (statement.endsWith('\\') && at + 1 < lines.length)
      statement = statement.slice(0, -1) + (lines[++at] ?? '')
    const trimmed = statement.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    if (/^(?:help|---help---)\s*(?:#.*)?$/.test(trimmed)) at = endOfHelp(lines, at + 1) - 1
    else yield { line, text: trimmed }
  }
}

/** Index of the first line after a help text. */
function endOfHelp(lines: readonly string[], from: number): number {
  let indentation: number | null = null
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line.trim() === '') continue
    const own = indentationOf(line)
    indentation ??= own
    if (own === 0 || own < indentation) return at
  }
  return lines.length
}

const signs = /&&|\|\||!=|<=|>=|:=|\+=|[!=<>()]/y
const word = /[\w./-]/

/** Splits a statement into tokens. A macro expands to a word or part of a word, or to no word if it is empty. */
export function tokensOf(statement: string, macros: Macros): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < statement.length;) {
    const char = statement[at] ?? ''
    signs.lastIndex = at
    const sign = signs.exec(statement)
    if (char === '#') break
    else if (char === '"' || char === "'") {
      const quoted = readQuoted(statement, at, macros)
      tokens.push({ kind: 'text', text: quoted.text })
      at = quoted.end
    } else if (sign !== null) {
      tokens.push({ kind: 'sign', text: sign[0] })
      at = signs.lastIndex
    } else if (char === '$' || word.test(char)) {
      const end = endOfWord(statement, at)
      const text = macros.expand(statement.slice(at, end))
      if (text !== '') tokens.push({ kind: 'word', text })
      at = end
    } else at++
  }
  return tokens
}

/** Index after a word, which may contain macro references with arbitrary characters. */
function endOfWord(statement: string, from: number): number {
  let at = from
  while (at < statement.length) {
    if (statement.startsWith('$(', at)) at = endOfReference(statement, at)
    else if (statement[at] === '$' || word.test(statement[at] ?? '')) at++
    else break
  }
  return at
}

/** Index after the reference at a position; the end of the text if the reference is not closed. */
function endOfReference(statement: string, dollar: number): number {
  let nesting = 0
  for (let at = dollar + 2; at < statement.length; at++) {
    if (statement[at] === '(') nesting++
    else if (statement[at] === ')' && nesting-- === 0) return at + 1
  }
  return statement.length
}

function readQuoted(statement: string, from: number, macros: Macros): { text: string; end: number } {
  const quote = statement[from]
  let text = ''
  let at = from + 1
  while (at < statement.length && statement[at] !== quote) {
    if (statement.startsWith('$(', at)) {
      const end = endOfReference(statement, at)
      text += macros.expand(statement.slice(at, end))
      at = end
    } else {
      if (statement[at] === '\\') at++
      text += statement[at++] ?? ''
    }
  }
  return { text, end: at + 1 }
}
