// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { formatMarkdown, type ReplayComparison } from '../src/index.ts'

function comparison(variant: string, compared: number, agreed: number): ReplayComparison {
  return {
    variant,
    scenario: 'S1',
    inFile: compared,
    compared,
    agreed,
    differences: [],
    skipped: new Map(),
    unordered: { facts: 0, steps: 0 },
  }
}

describe('the table in Markdown', () => {
  it('has totals for each variant, by name, and for all', () => {
    const all = [comparison('b+c', 10, 9), comparison('b', 100, 100), comparison('b+c', 1, 1)]
    expect(formatMarkdown(all)).toBe(
      [
        '| variant | recordings | facts compared |  agreed |',
        '| ------- | ---------: | -------------: | ------: |',
        '| b       |          1 |            100 |     100 |',
        '| b+c     |          2 |             11 |      10 |',
        '| **all** |      **3** |        **111** | **110** |',
        '',
      ].join('\n'),
    )
  })

  it('says which rows are the unpatched kernel', () => {
    const table = formatMarkdown([comparison('base', 1, 1), comparison('stock', 1, 1)])
    expect(table.match(/^\| \S+ \(\w+\)/gm)).toEqual(['| unpatched (base)', '| unpatched (stock)'])
  })
})
