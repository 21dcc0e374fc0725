// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { align } from '../src/compare/sequence.ts'

const equal = (a: string, b: string): boolean => a === b
const lists = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })

function subsequences(items: readonly string[]): string[][] {
  return items.reduce<string[][]>((all, item) => [...all, ...all.map((one) => [...one, item])], [[]])
}

function isSubsequence(items: readonly string[], of: readonly string[]): boolean {
  let found = 0
  for (const item of of) if (item === items[found]) found++
  return found === items.length
}

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

  it('agree in as many items as their longest common subsequence has', () => {
    const short = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 7 })
    fc.assert(
      fc.property(short, short, (recorded, replayed) => {
        const common = subsequences(recorded).filter((items) => isSubsequence(items, replayed))
        const agreeing = align(recorded, replayed, equal).filter((pair) => pair.agrees)
        expect(agreeing).toHaveLength(Math.max(...common.map((items) => items.length)))
      }),
    )
  })

  it('may have items of different types: the recorded one is the first argument of the comparison', () => {
    const pairs = align(['1', '2', '3'], [1, 3], (text, value) => text === String(value))
    expect(pairs).toEqual([
      { recorded: '1', replayed: 1, agrees: true },
      { recorded: '2', replayed: undefined, agrees: false },
      { recorded: '3', replayed: 3, agrees: true },
    ])
    const below = (a: number, b: number): boolean => a < b
    expect(align([1], [2], below)).toEqual([{ recorded: 1, replayed: 2, agrees: true }])
    expect(align([2], [1], below)).toEqual([{ recorded: 2, replayed: 1, agrees: false }])
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
