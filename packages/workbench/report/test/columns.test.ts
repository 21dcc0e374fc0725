// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { besides } from '../src/text/columns.ts'

const longest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))

describe('two columns', () => {
  it('stand beside each other in 80 columns, whatever is in them', () => {
    const rows = besides(['a '.repeat(60), '    indented'], ['b'.repeat(100)])
    expect(longest(rows.join('\n'))).toBeLessThanOrEqual(80)
    expect(rows.every((row) => row.includes(' |'))).toBe(true)
    expect(rows.some((row) => row.startsWith('    indented'))).toBe(true)
  })
})
