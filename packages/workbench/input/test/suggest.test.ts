// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { suggestion } from '../src/index.ts'

it('suggests the nearest known name for an unknown name', () => {
  expect(suggestion('wiep', ['wipe', 'cache-fix'])).toBe(' Did you mean "wipe"?')
  expect(suggestion('cache', ['wipe', 'cache-fix'])).toBe(' Did you mean "cache-fix"?')
  expect(suggestion('frobnicate', ['wipe', 'cache-fix'])).toBe('')
  expect(suggestion('x', [])).toBe('')
})
