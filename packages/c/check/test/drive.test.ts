// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedLines } from '../src/drive/changed-lines.ts'
import { symbolsDeciding } from '../src/drive/conditionals.ts'

describe('changed lines', () => {
  it('are those of each version, or the lines adjacent to removed lines', () => {
    expect(changedLines('a\nb\nc\nd', 'a\nB\nB2\nc\nd')).toEqual({
      before: [{ first: 2, last: 2 }],
      after: [{ first: 2, last: 3 }],
    })
    expect(changedLines('a\nb\nc', 'a\nc')).toEqual({
      before: [{ first: 2, last: 2 }],
      after: [{ first: 1, last: 2 }],
    })
  })

  it('are empty for equal texts, and all lines of a new text', () => {
    expect(changedLines('a\nb', 'a\nb')).toEqual({ before: [], after: [] })
    expect(changedLines('', 'a\nb').after).toEqual([{ first: 1, last: 2 }])
  })

  it('include every line that is not in the other version', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '}'), { maxLength: 12 })
      .map((lines) => lines.join('\n'))
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { after: ranges } = changedLines(before, after)
        const known = new Set(before.split('\n'))
        after.split('\n').forEach((line, i) => {
          if (known.has(line)) return
          expect(ranges.some(({ first, last }) => first <= i + 1 && i + 1 <= last)).toBe(true)
        })
      }),
    )
  })
})

describe('symbols that decide about lines', () => {
  const text = [
    '#ifdef CONFIG_PCI',
    'int a;',
    '#if defined(CONFIG_OF) && IS_ENABLED(CONFIG_ARM)',
    'int b;',
    '#else',
    'int c;',
    '#endif',
    '#endif',
    'int d;',
    '#ifdef CONFIG_LATER_MODULE',
    'int e;',
  ].join('\n')

  it('come from all enclosing conditionals', () => {
    expect(symbolsDeciding(text, [{ first: 4, last: 4 }])).toEqual(['OF', 'ARM', 'PCI'])
    expect(symbolsDeciding(text, [{ first: 2, last: 2 }])).toEqual(['PCI'])
  })

  it('come from IS_ENABLED() in the lines', () => {
    const code = 'int f(void)\n{\n\tif (!IS_ENABLED(CONFIG_VALVE))\n\t\treturn 0;\n}\n'
    expect(symbolsDeciding(code, [{ first: 2, last: 5 }])).toEqual(['VALVE'])
    expect(symbolsDeciding(code, [{ first: 1, last: 2 }])).toEqual([])
  })

  it('are empty outside of conditionals, and after an unterminated one', () => {
    expect(symbolsDeciding(text, [{ first: 9, last: 9 }])).toEqual([])
    expect(symbolsDeciding(text, [{ first: 11, last: 11 }])).toEqual([])
  })
})
