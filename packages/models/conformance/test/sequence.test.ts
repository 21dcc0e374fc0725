// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { align } from '../src/compare/sequence.ts'

const equal = (a: string, b: string): boolean => a === b
const lists = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })

describe('two aligned lists', () => {
  it('have all items of both, in order', () => {
    fc.assert(
      fc.property(lists, lists, (recorded, replayed) => {
        const pairs = align(recorded, replayed, equal)
        expect(pairs.flatMap((pair) => pair.recorded ?? [])).toEqual(recorded)
        expect(pairs.flatMap((pair) => pair.replayed ?? [])).toEqual(replayed)
      }),
    )
  })

  it('agree only in equal items', () => {
    fc.assert(
      fc.property(lists, lists, (recorded, replayed) => {
        for (const pair of align(recorded, replayed, equal)) {
          if (pair.agrees) expect(pair.recorded).toBe(pair.replayed)
        }
      }),
    )
  })

  it('agree completely if and only if they are equal', () => {
    fc.assert(
      fc.property(lists, lists, (recorded, replayed) => {
        const all = align(recorded, replayed, equal).every((pair) => pair.agrees)
        expect(all).toBe(recorded.join() === replayed.join())
      }),
    )
  })

  it('have one difference for a changed item, and one for a missing item', () => {
    const differing = (a: string, b: string): number =>
      align(Array.from(a), Array.from(b), equal).filter((pair) => !pair.agrees).length
    expect(differing('abc', 'adc')).toBe(1)
    expect(differing('abc', 'ac')).toBe(1)
    expect(differing('ac', 'abc')).toBe(1)
    expect(differing('abc', 'abc')).toBe(0)
  })
})
