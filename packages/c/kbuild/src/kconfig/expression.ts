// SPDX-License-Identifier: GPL-2.0-only
import type { Token } from './lexer.ts'
import { comparisons, type SymbolComparison, type Expression, type Operand } from './model.ts'

/** The conjunction of two conditions; null is always true. */
export function and(left: Expression | null, right: Expression | null): Expression | null {
  if (left === null) return right
  return right === null ? left : { kind: 'and', left, right }
}

/** Maximum nesting of parentheses and negations. */
const deepest = 200

const isComparison = (text: string): text is SymbolComparison =>
  (comparisons as readonly string[]).includes(text)

/** Parses an expression in a list of tokens. The first token that cannot be part of the expression ends it. */
class Reader {
  readonly #tokens: readonly Token[]
  #at: number
  #depth = 0

  constructor(tokens: readonly Token[], at: number) {
    this.#tokens = tokens
    this.#at = at
  }

  get at(): number {
    return this.#at
  }

  #isSign(text: string): boolean {
    const token = this.#tokens[this.#at]
    return token?.kind === 'sign' && token.text === text
  }

  or(): Expression | null {
    return this.#joined('or', '||', () => this.#joined('and', '&&', () => this.#term()))
  }

  #joined(kind: 'or' | 'and', sign: string, operand: () => Expression | null): Expression | null {
    let left = operand()
    while (left !== null && this.#isSign(sign)) {
      this.#at++
      const right = operand()
      left = right === null ? null : { kind, left, right }
    }
    return left
  }

  #term(): Expression | null {
    if (++this.#depth > deepest) return null
    try {
      if (this.#isSign('!')) {
        this.#at++
        const of = this.#term()
        return of === null ? null : { kind: 'not', of }
      }
      if (this.#isSign('(')) {
        this.#at++
        const inner = this.or()
        if (!this.#isSign(')')) return null
        this.#at++
        return inner
      }
      return this.#comparison()
    } finally {
      this.#depth--
    }
  }

  #comparison(): Expression | null {
    const left = this.#operand()
    const sign = this.#tokens[this.#at]
    if (left === null || sign?.kind !== 'sign' || !isComparison(sign.text)) return left
    this.#at++
    const right = this.#operand()
    return right === null ? null : { kind: 'compare', operator: sign.text, left, right }
  }

  #operand(): Operand | null {
    const token = this.#tokens[this.#at]
    if (token === undefined || token.kind === 'sign') return null
    this.#at++
    return operandOf(token)
  }
}

/** Converts a word or a quoted text to an operand. The words y, m and n are values, not symbols. */
export function operandOf({ kind, text }: Token): Operand {
  return { kind: kind === 'word' && !/^[ymn]$/.test(text) ? 'symbol' : 'text', text }
}

/**
 * Parses an expression.
 *
 * @param at - index of its first token
 * @returns the expression and the index after it; null if there is none
 */
export function parseExpression(
  tokens: readonly Token[],
  at: number,
): { readonly expression: Expression; readonly end: number } | null {
  const reader = new Reader(tokens, at)
  const expression = reader.or()
  return expression === null ? null : { expression, end: reader.at }
}

/** Symbols in an expression. */
export function symbolsOf(expression: Expression | null): string[] {
  if (expression === null) return []
  switch (expression.kind) {
    case 'symbol':
      return [expression.text]
    case 'text':
      return []
    case 'choice':
      return symbolsOf(expression.choice.dependency)
    case 'not':
      return symbolsOf(expression.of)
    default:
      return [...symbolsOf(expression.left), ...symbolsOf(expression.right)]
  }
}

/**
 * True if an expression can be true only if a symbol is set: one part of its conjunction is `SYMBOL`, `SYMBOL = y`,
 * `SYMBOL = m` or `SYMBOL != n`. Other forms are not recognized.
 */
export function needs(expression: Expression | null, symbol: string): boolean {
  if (expression === null) return false
  switch (expression.kind) {
    case 'symbol':
      return expression.text === symbol
    case 'and':
      return needs(expression.left, symbol) || needs(expression.right, symbol)
    case 'compare': {
      const { left, operator, right } = expression
      return left.text === symbol && (operator === '=' ? /^[ym]$/ : /^n$/).test(right.text)
    }
    default:
      return false
  }
}

/** Prints an expression in Kconfig syntax. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'symbol':
      return expression.text
    case 'choice':
      return expression.choice.dependency === null ? 'y' : printExpression(expression.choice.dependency)
    case 'text':
      return /^[ymn]$/.test(expression.text) ? expression.text : `"${expression.text}"`
    case 'not':
      return expression.of.kind === 'symbol'
        ? `!${expression.of.text}`
        : `!(${printExpression(expression.of)})`
    case 'compare':
      return `${printExpression(expression.left)} ${expression.operator} ${printExpression(expression.right)}`
    default: {
      const inner = [expression.left, expression.right].map((side) =>
        expression.kind === 'and' && side.kind === 'or'
          ? `(${printExpression(side)})`
          : printExpression(side),
      )
      return inner.join(expression.kind === 'and' ? ' && ' : ' || ')
    }
  }
}
