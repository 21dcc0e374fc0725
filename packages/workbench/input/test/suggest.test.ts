// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { suggestion } from '../src/index.ts'

it('suggests the nearest known name for an unknown name', () => {
  expect(suggestion('wiep', ['wipe', 'cache-fix'])).toBe(' Did you mean "wipe"?')
  expect(suggestion('cache', ['wipe', 'cache-fix'])).toBe(' Did you mean "cache-fix"?')
  expect(suggestion('frobnicate', ['wipe', 'cache-fix'])).toBe('')
  expect(suggestion('x', [])).toBe('')
})

it('a beginning of several names is answered with these names, if they are few', () => {
  const names = ['vio-notifier', 'vio-notifier-wq', 'vio-unregister-uaf', 'wipe']
  expect(suggestion('vio', names)).toBe(
    ' Did you mean "vio-notifier", "vio-notifier-wq" or "vio-unregister-uaf"?',
  )
  const many = Array.from({ length: 9 }, (_, n) => `a-name-${String(n)}`)
  expect(suggestion('a', many)).toBe('')
})

it('a beginning with a fault is answered with the whole name', () => {
  expect(suggestion('lpm-twicehier', ['lpm-once-hierarchy', 'lpm-twice-hierarchy'])).toBe(
    ' Did you mean "lpm-twice-hierarchy"?',
  )
})
