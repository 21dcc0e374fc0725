// SPDX-License-Identifier: GPL-2.0-only

import type { SymbolComparison, SymbolType } from './model.ts'

/** One side of a comparison. */
interface Side {
  readonly text: string
  /** Type of the symbol; `unknown` for a literal text. */
  readonly type: SymbolType
}

/** Parses a text as a number of the symbol's type, as `strtoll` does; null if it is not a number. */
function numberOf({ text, type }: Side): bigint | null {
  if (type === 'bool' || type === 'tristate') return { n: 0n, m: 1n, y: 2n }[text] ?? -1n
  const [, sign = '', digits = ''] = /^\s*([-+]?)(.*)$/s.exec(text) ?? []
  const value = magnitudeOf(digits, type)
  return value === null || sign !== '-' ? value : -value
}

function magnitudeOf(digits: string, type: SymbolType): bigint | null {
  if (type === 'hex')
    return /^(?:0[xX])?[\da-fA-F]+$/.test(digits) ? BigInt(`0x${digits.replace(/^0[xX]/, '')}`) : null
  if (/^\d+$/.test(digits)) {
    // Without a type, a leading 0 means octal.
    if (type === 'int' || digits === '0' || !digits.startsWith('0')) return BigInt(digits)
    return /^[0-7]+$/.test(digits) ? BigInt(`0o${digits}`) : null
  }
  return type !== 'int' && /^0[xX][\da-fA-F]+$/.test(digits) ? BigInt(digits) : null
}

function order(left: Side, right: Side): -1 | 0 | 1 {
  if (left.type !== 'string' || right.type !== 'string') {
    const [a, b] = [numberOf(left), numberOf(right)]
    if (a !== null && b !== null) return a < b ? -1 : a > b ? 1 : 0
  }
  return left.text < right.text ? -1 : left.text > right.text ? 1 : 0
}

/** Compares as numbers if both sides are numbers, otherwise as strings. */
export function compareTexts(left: Side, operator: SymbolComparison, right: Side): boolean {
  const result = order(left, right)
  switch (operator) {
    case '=':
      return result === 0
    case '!=':
      return result !== 0
    case '<':
      return result < 0
    case '<=':
      return result <= 0
    case '>':
      return result > 0
    case '>=':
      return result >= 0
  }
}
