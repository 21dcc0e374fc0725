// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printable, printableLines } from '../src/index.ts'

describe('printable text', () => {
  it('escapes control and format characters and leaves all others unchanged', () => {
    expect(printable('a\u001b[31m\tb\u200e\u{e0041}\ud800 é 中 🙂')).toBe(
      'a\\u001b[31m  b\\u200e\\u{e0041}\\ud800 é 中 🙂',
    )
    expect(printable('\ufffe\uffff\ufdd0\u{1fffe}')).toBe('\\ufffe\\uffff\\ufdd0\\u{1fffe}')
    expect(printable('a\nb')).toBe('a\\u000ab')
    expect(printableLines('a\nb\r\n')).toBe('a\nb\\u000d\n')
  })

  it('contains no control characters, and a second pass does not change it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = printable(text)
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
        expect(printable(shown)).toBe(shown)
      }),
    )
  })
})
