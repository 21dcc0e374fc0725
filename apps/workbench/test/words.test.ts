// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import type { Comparison, VariantSummary } from '@pfo-workbench/compare'
import { describe, expect, it } from 'vitest'
import { exitCodeFor } from '../src/compare-command.ts'
import { chooseScenarios } from '../src/scenarios.ts'
import { shellWords } from '../src/shell.ts'
import { suggestion } from '@pfo-workbench/scenario'
import { chooseVariant } from '../src/variants.ts'

const variant = (state: Partial<VariantSummary>): VariantSummary => ({
  id: 'a',
  title: '',
  patches: ['a'],
  diffs: [],
  status: 'ok',
  exercised: true,
  fixed: 0,
  kept: 0,
  introduced: 0,
  rank: 1,
  ...state,
})

describe('the exit code of a comparison', () => {
  const codes = (...states: Partial<VariantSummary>[]): number[] => {
    const comparison = {
      baseline: 'baseline',
      variants: [variant({ id: 'baseline', patches: [], kept: 9 }), ...states.map(variant)],
    } as unknown as Comparison
    return (['never', 'introduced', 'any'] as const).map((failOn) => exitCodeFor(comparison, failOn))
  }

  it('is 1 for what a variant introduces or keeps, if that is asked for', () => {
    expect(codes({ fixed: 3 })).toEqual([0, 0, 0])
    expect(codes({ kept: 1 })).toEqual([0, 0, 1])
    expect(codes({ fixed: 3 }, { introduced: 1 })).toEqual([0, 1, 1])
  })

  it('does not pass a variant that could not be judged', () => {
    expect(codes({}, { status: 'conflict' })).toEqual([0, 1, 1])
    expect(codes({ status: 'crashed' })).toEqual([0, 1, 1])
    expect(codes({ status: 'timeout' })).toEqual([0, 1, 1])
  })

  it('is 2 if none of the patches could be used', () => {
    expect(codes({ status: 'conflict' }, { status: 'invalid' })).toEqual([2, 2, 2])
    expect(codes()).toEqual([0, 0, 0])
  })
})

describe('a word that means nothing', () => {
  it('is answered with the nearest that does', () => {
    expect(suggestion('wiep', ['wipe', 'cache-fix'])).toBe(' Did you mean "wipe"?')
    expect(suggestion('cache', ['wipe', 'cache-fix'])).toBe(' Did you mean "cache-fix"?')
    expect(suggestion('frobnicate', ['wipe', 'cache-fix'])).toBe('')
    expect(suggestion('x', [])).toBe('')
  })

  it('may be a patch of a stack', () => {
    expect(() => chooseVariant('wipe+cache-fxi')).toThrow(
      'there is no patch "cache-fxi". Did you mean "cache-fix"? Accepted: ',
    )
    expect(() => chooseVariant('basline')).toThrow('Did you mean "baseline"?')
    expect(() => chooseVariant('wipe+wipe')).toThrow('"wipe" is twice in the stack')
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
