// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { barText } from '../src/progress.ts'

it.each([
  [0, 100, 60_000, '[....................]'],
  [5, 100, 1_000, '[#...................]'],
  [50, 100, 60_000, '[##########..........] about 60 s left'],
  [10, 100, 60_000, '[##..................] about 9 min left'],
  [100, 100, 60_000, '[####################]'],
  [0, 0, 60_000, '[....................]'],
])('%i of %i after %i ms is %s', (done, total, elapsed, text) => {
  expect(barText(done, total, elapsed)).toBe(text)
})
