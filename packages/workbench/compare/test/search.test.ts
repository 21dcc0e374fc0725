// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  deltaDebug,
  largestCompatible,
  searchMinimal,
  type Candidate,
  type CandidateTester,
} from '../src/minimal/search.ts'

const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const set = fc.subarray(letters)

/** Succeeds with any of these sets, unless the candidate has a harmful member. */
function trial(
  solutions: readonly Candidate[],
  harmful: Candidate = [],
): CandidateTester & { tried: Set<string> } {
  const tried = new Set<string>()
  const left = async (candidate: Candidate): Promise<number> => {
    tried.add(candidate.join(''))
    const missing = solutions.map((one) => one.filter((member) => !candidate.includes(member)).length)
    return Promise.resolve(
      Math.min(...missing) + candidate.filter((one) => harmful.includes(one)).length * 10,
    )
  }
  return { left, succeeds: async (candidate) => (await left(candidate)) === 0, tried }
}

const never = (): boolean => false

describe('delta debugging', () => {
  it('ends in a set that succeeds, but not without any single member', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(set, { minLength: 1, maxLength: 4 }), async (solutions) => {
        const trials = trial(solutions)
        const smallest = await deltaDebug(letters, trials)
        expect(await trials.left(smallest)).toBe(0)
        for (const one of smallest)
          expect(await trials.left(smallest.filter((other) => other !== one))).toBeGreaterThan(0)
      }),
    )
  })

  it('finds one member of many in a few trials', async () => {
    const trials = trial([['c']])
    expect(await deltaDebug(letters, trials)).toEqual(['c'])
    expect(trials.tried.size).toBeLessThan(letters.length)
  })
})

describe('the largest sets without conflicts', () => {
  it('have no conflict, and every other member would add one', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...letters), fc.constantFrom(...letters))), (pairs) => {
        const conflict = (a: string, b: string): boolean =>
          a !== b && pairs.some(([one, two]) => (one === a && two === b) || (one === b && two === a))
        const sets = largestCompatible(letters, conflict)
        expect(sets.length).toBeGreaterThan(0)
        expect(new Set(sets.map((one) => one.join(''))).size).toBe(sets.length)
        for (const own of sets) {
          expect(own.some((a) => own.some((b) => conflict(a, b)))).toBe(false)
          for (const other of letters.filter((one) => !own.includes(one)))
            expect(own.some((one) => conflict(one, other))).toBe(true)
        }
        // Each member is in some set.
        expect(new Set(sets.flat())).toEqual(new Set(letters))
      }),
    )
  })
})

describe('the search for the smallest sets', () => {
  it('finds no set smaller than the empty set', async () => {
    expect(await searchMinimal(letters, never, trial([[]]), 1)).toEqual({ minimal: [[]], closest: [] })
  })

  it('drops harmful members of the largest set', async () => {
    expect((await searchMinimal(letters, never, trial([['b', 'd']], ['a', 'h']), 2)).minimal).toEqual([
      ['b', 'd'],
    ])
  })

  it('finds alternatives, including conflicting ones', async () => {
    const conflict = (a: string, b: string): boolean => [a, b].sort().join('') === 'ab'
    const { minimal } = await searchMinimal(
      letters,
      conflict,
      trial([
        ['a', 'd'],
        ['b', 'd'],
        ['c', 'd', 'e'],
      ]),
      2,
    )
    expect(minimal).toEqual(
      expect.arrayContaining([
        ['a', 'd'],
        ['b', 'd'],
      ]),
    )
  })

  it('reports the closest sets if none succeeds', async () => {
    const trials = trial([
      ['a', 'z'],
      ['b', 'y', 'z'],
    ])
    const { minimal, closest } = await searchMinimal(letters, never, trials, 1)
    expect(minimal).toEqual([])
    expect(closest.map((one) => one.includes('a'))).toEqual([true])
  })

  it('does not treat a set that cannot run as an answer', async () => {
    const left = async (one: Candidate): Promise<number> =>
      Promise.resolve(one.length === letters.length ? Number.POSITIVE_INFINITY : one.includes('g') ? 0 : 1)
    const trials: CandidateTester = { left, succeeds: async (one) => (await left(one)) === 0 }
    expect((await searchMinimal(letters, never, trials, 1)).minimal).toEqual([['g']])
  })

  it('has the same result for any number of parallel trials', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(set, { minLength: 1, maxLength: 3 }),
        fc.subarray(letters),
        async (solutions, harmful) => {
          const [one, four] = [trial(solutions, harmful), trial(solutions, harmful)]
          const results = await Promise.all([
            searchMinimal(letters, never, one, 1),
            searchMinimal(letters, never, four, 4),
          ])
          expect(results[1]).toEqual(results[0])
          expect(four.tried).toEqual(one.tried)
        },
      ),
      { numRuns: 30 },
    )
  })
})
