// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { counted, enumerated } from '../src/index.ts'

it.each([
  [0, '0 entries'],
  [1, '1 entry'],
  [2, '2 entries'],
  [1001, '1001 entries'],
])('counts %i', (count, text) => {
  expect(counted(count, 'entry', 'entries')).toBe(text)
})

it('adds an s to form the plural, unless the plural is given', () => {
  expect([counted(1, 'patch'), counted(2, 'finding')]).toEqual(['1 patch', '2 findings'])
})

it.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b, and c'],
])('lists %j', (names, text) => {
  expect(enumerated(names)).toBe(text)
})
