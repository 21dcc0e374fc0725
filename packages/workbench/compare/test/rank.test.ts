// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rankVariants, type Rankable, type VariantStatus } from '../src/index.ts'

const variant = (state: Partial<Rankable>): Rankable => ({
  patches: ['a'],
  status: 'ok',
  exercised: true,
  introduced: 0,
  kept: 0,
  fixed: 0,
  ...state,
})

const ranks = (...states: Partial<Rankable>[]): number[] =>
  rankVariants(states.map(variant)).map(({ rank }) => rank)

describe('a variant ranks', () => {
  it('above one that introduces something, however much the other one fixes', () => {
    expect(ranks({ introduced: 1, fixed: 50 }, { kept: 50 })).toEqual([2, 1])
  })

  it('above one that keeps more, then above one that fixes less, then above one with more patches', () => {
    expect(ranks({ kept: 2, fixed: 9 }, { kept: 1 })).toEqual([2, 1])
    expect(ranks({ kept: 1, fixed: 1 }, { kept: 1, fixed: 2 })).toEqual([2, 1])
    expect(ranks({ patches: ['a', 'b'] }, { patches: ['a'] })).toEqual([2, 1])
  })

  it('above one with unknown results: not exercised, or not run', () => {
    expect(ranks({ exercised: false }, { kept: 3 })).toEqual([2, 1])
    expect(ranks({ status: 'conflict', exercised: false }, { exercised: false }, { kept: 3 })).toEqual([
      3, 2, 1,
    ])
  })

  it('with its equals, and the next ranks stay free', () => {
    expect(ranks({ kept: 1 }, { kept: 1 }, { kept: 2 }, {})).toEqual([2, 2, 4, 1])
  })
})

const any: fc.Arbitrary<Rankable> = fc.record({
  patches: fc.array(fc.string(), { maxLength: 3 }),
  status: fc.constantFrom<VariantStatus[]>('ok', 'ok', 'conflict', 'invalid', 'crashed', 'timeout'),
  exercised: fc.boolean(),
  fixed: fc.nat(3),
  kept: fc.nat(3),
  introduced: fc.nat(2),
})

describe('ranks', () => {
  it('never put a variant that introduces something above one that does not', () => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 8 }), (variants) => {
        const ranked = rankVariants(variants)
        for (const a of ranked)
          for (const b of ranked)
            if (a.introduced > 0 && b.introduced === 0) expect(a.rank).toBeGreaterThan(b.rank)
      }),
    )
  })

  it('are 1 plus the number of better variants, and do not reorder the list', () => {
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 8 }), (variants) => {
        const ranked = rankVariants(variants)
        expect(ranked).toEqual(variants.map((one, index) => ({ ...one, rank: ranked[index]?.rank })))
        for (const { rank } of ranked)
          expect(ranked.filter((other) => other.rank < rank)).toHaveLength(rank - 1)
      }),
    )
  })

  it('do not depend on the order of the list', () => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 8 }), (variants) => {
        expect(rankVariants(variants.toReversed()).toReversed()).toEqual(rankVariants(variants))
      }),
    )
  })
})
