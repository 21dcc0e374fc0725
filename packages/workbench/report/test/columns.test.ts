// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { sideBySide } from '../src/text/columns.ts'

const longest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))

describe('two columns', () => {
  it.each([60, 80, 200])('fit into %i columns side by side, whatever they contain', (columns) => {
    const rows = sideBySide(['a '.repeat(60), '    indented'], ['b'.repeat(300)], columns)
    expect(longest(rows.join('\n'))).toBeLessThanOrEqual(columns)
    expect(rows.every((row) => row.includes(' |'))).toBe(true)
    expect(rows.some((row) => row.startsWith('    indented'))).toBe(true)
  })
})
