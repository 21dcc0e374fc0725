// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { tableText } from '../src/text/tables.ts'

describe('a table', () => {
  it('pads each column to its widest cell, without trailing spaces', () => {
    expect(
      tableText(
        ['name', 'n', 'why'],
        [
          ['a', '1', 'short'],
          ['longer', '10', ''],
        ],
        ['left', 'right'],
      ),
    ).toBe('name     n  why\na        1  short\nlonger  10')
  })

  it('has no header row if the head is empty', () => {
    expect(tableText([], [['a', 'b']])).toBe('a  b')
    expect(tableText([], [])).toBe('')
  })

  it('aligns the lines of cells with several lines', () => {
    expect(
      tableText(
        ['x', 'y'],
        [
          ['1\n2', 'a'],
          ['3', 'b\nc'],
        ],
      ),
    ).toBe('x  y\n1  a\n2\n3  b\n   c')
  })

  it('measures the cell on the screen: colours take no space, wide characters take two columns', () => {
    const [red, reset] = ['\u001b[31m', '\u001b[39m']
    expect(
      tableText(
        [],
        [
          [`${red}ab${reset}`, 'c'],
          ['表', 'd'],
          ['e', 'f'],
        ],
      ),
    ).toBe(`${red}ab${reset}  c\n表  d\ne   f`)
  })
})
