// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import type { Cell, VariantSummary } from '@pfo-workbench/compare'
import { ModelEngine } from '@pfo-workbench/engine-models'
import { describe, expect, it } from 'vitest'
import { exitCodeFor, remarkOn } from '../src/compare-command.ts'
import { chooseScenarios } from '../src/scenarios.ts'
import { shellWords } from '../src/shell.ts'
import { chooseVariant } from '../src/variants.ts'

const engine = new ModelEngine()

const variant = (state: Partial<VariantSummary>): VariantSummary => ({
  id: 'a',
  title: '',
  patches: ['a'],
  diffs: [],
  status: 'ok',
  exercised: true,
  exercise: [],
  exerciseUnknown: [],
  fixed: 0,
  kept: 0,
  introduced: 0,
  revealed: 0,
  notReached: 0,
  changes: 0,
  rank: 1,
  ...state,
})

describe('the exit code of a comparison', () => {
  /** A variant, and how its runs ended. */
  type Given = Partial<VariantSummary> & { readonly outcomes?: readonly Cell['outcome'][] }

  const outcomeOf = (...states: Given[]) => {
    const variants = [
      { id: 'baseline', kept: 9 },
      ...states.map((state, index) => ({ id: String(index), ...state })),
    ]
    const cells = variants.flatMap(({ id, outcomes = ['completed'] }: Given) =>
      outcomes.map((outcome) => ({ variant: id ?? '', outcome }) as Cell),
    )
    return {
      baseline: 'baseline' as const,
      variants: variants.map(({ outcomes: _, ...state }: Given) => variant(state)),
      cells,
    }
  }
  const codes = (...states: Given[]): number[] =>
    (['never', 'introduced', 'revealed', 'any'] as const).map((failOn) =>
      exitCodeFor(outcomeOf(...states), failOn),
    )
  const remark = (...states: Given[]): string | null => remarkOn(outcomeOf(...states))

  it('is 1 for what a variant introduces, reveals or keeps, if that is asked for', () => {
    expect(codes({ fixed: 3 })).toEqual([0, 0, 0, 0])
    expect(codes({ kept: 1 })).toEqual([0, 0, 0, 1])
    expect(codes({ notReached: 1 })).toEqual([0, 0, 0, 1])
    expect(codes({ revealed: 1 })).toEqual([0, 0, 1, 1])
    expect(codes({ fixed: 3 }, { introduced: 1 })).toEqual([0, 1, 1, 1])
    expect(remark({ fixed: 3 }, { introduced: 1 })).toBeNull()
  })

  it('does not pass a variant that could not be judged, and stderr names it', () => {
    const states: Given[] = [
      {},
      { status: 'conflict', outcomes: [] },
      { status: 'timeout', outcomes: ['oops', 'timeout'] },
    ]
    expect(codes(...states)).toEqual([0, 1, 1, 1])
    expect(remark(...states)).toBe(
      'not compared, or not in all scenarios: 1 (conflict), 2 (timeout); the report says why',
    )
    expect(codes({ status: 'crashed', outcomes: ['completed'] })).toEqual([0, 1, 1, 1])
  })

  it('is 2 if nothing became known of any of the patches, for whatever reason', () => {
    const states: Given[] = [
      { status: 'conflict', outcomes: [] },
      { status: 'invalid', outcomes: [] },
      { status: 'crashed', outcomes: [] },
      { status: 'timeout', outcomes: [] },
      { status: 'timeout', outcomes: ['timeout', 'timeout'] },
    ]
    for (const state of states) {
      expect(codes(state)).toEqual([2, 2, 2, 2])
      expect(remark(state)).toBe('none of the patches could be compared; the report says why')
    }
    expect(codes(...states)).toEqual([2, 2, 2, 2])
    expect(codes()).toEqual([0, 0, 0, 0])
  })
})

describe('a word that means nothing', () => {
  it('may be a patch of a stack', () => {
    expect(() => chooseVariant('wipe+cache-fxi', engine)).toThrow(
      'there is no patch "cache-fxi". Did you mean "cache-fix"? Accepted: ',
    )
    expect(() => chooseVariant('basline', engine)).toThrow('Did you mean "baseline"?')
    expect(() => chooseVariant('wipe+wipe', engine)).toThrow('"wipe" is twice in the stack')
  })

  it('may be a scenario, or a patch file that --scenario took for one', () => {
    expect(() => chooseScenarios(['lpm-twice-hierarchie'])).toThrow('Did you mean "lpm-twice-hierarchy"?')
    expect(() => chooseScenarios(['lpm-twice-hierarchy', 'my.patch'])).toThrow(
      '"my.patch" is a patch file, and --scenario takes every word that follows it: name patch files first, or put "--" before them',
    )
  })
})

describe('a command that a report names', () => {
  it('is read by a shell as it was given', () => {
    const words = ['npx', 'my own.patch', "it's", '$HOME', 'a+b', '', '*']
    const printed = execFileSync('sh', ['-c', `printf '%s\\n' ${shellWords(words)}`], { encoding: 'utf8' })
    expect(printed.split('\n').slice(0, -1)).toEqual(words)
  })
})
