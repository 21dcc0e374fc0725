// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import { describe, expect, it } from 'vitest'
import { judge, type ExaminedRun } from '../src/index.ts'

const finding = (oracle: string, subject: string, step = 1): Finding => ({
  oracle,
  subject,
  step,
  count: 1,
  message: `${oracle} of ${subject}`,
  evidence: [],
})

/** A run with these findings, which may have broken off in some step. */
function examined(
  findings: readonly Finding[],
  brokenOffIn: number | null = null,
): Pick<ExaminedRun, 'findings' | 'brokenOffIn'> {
  return { findings, brokenOffIn }
}

const verdicts = (baseline: ReturnType<typeof examined>, variant: ReturnType<typeof examined>): string[] =>
  judge(baseline, variant).map(({ oracle, subject, status }) => `${status} ${oracle} ${subject}`)

describe('a finding of a variant', () => {
  const baseline = examined([finding('leak', 'a'), finding('leak', 'b')])

  it('is kept if the baseline has it, introduced if not; what the baseline has and it has not is fixed', () => {
    expect(verdicts(baseline, examined([finding('leak', 'c'), finding('leak', 'a')]))).toEqual([
      'introduced leak c',
      'kept leak a',
      'fixed leak b',
    ])
  })

  it('is told apart by oracle and subject', () => {
    expect(verdicts(baseline, examined([finding('refcount', 'a')]))).toContain('introduced refcount a')
  })

  it('is kept with what the baseline said of it, where that is something else', () => {
    const later = { ...finding('leak', 'a', 3), message: 'differs' }
    expect(judge(baseline, examined([later]))[0]).toEqual({ ...later, status: 'kept', before: 'leak of a' })
  })

  it('is kept as far as the baseline has it, and introduced for what is more', () => {
    const more = { ...finding('leak', 'a'), count: 7, message: '7 times' }
    expect(judge(baseline, examined([more])).slice(0, 2)).toEqual([
      { ...more, count: 1, status: 'kept', before: 'leak of a' },
      { ...more, count: 6, subject: 'a (more)', status: 'introduced', before: 'leak of a' },
    ])
  })

  it('is kept if there is less of it', () => {
    const many = examined([{ ...finding('console', 'a'), count: 7 }])
    expect(verdicts(many, examined([finding('console', 'a')]))).toEqual(['kept console a'])
  })

  it('is kept if another fault hides it in the baseline', () => {
    const stolen = { ...finding('refcount', 's'), masks: ['leak c'] }
    const [leak] = judge(examined([stolen]), examined([finding('leak', 'c')]))
    expect(leak).toMatchObject({ status: 'kept', before: 'hidden: refcount of s' })
  })

  it('is not fixed if another fault of the variant hides it', () => {
    const stolen = { ...finding('refcount', 's'), masks: ['leak a'] }
    expect(verdicts(baseline, examined([stolen]))).toEqual(['introduced refcount s', 'fixed leak b'])
  })

  it('is kept altogether if the variant is the baseline', () => {
    expect(verdicts(baseline, baseline)).toEqual(['kept leak a', 'kept leak b'])
  })

  it('is fixed with what the baseline said of it', () => {
    expect(judge(baseline, examined([]))).toEqual(
      baseline.findings.map((one) => ({ ...one, status: 'fixed' })),
    )
  })
})

describe('a variant in which a task dies or hangs', () => {
  const baseline = examined([finding('leak', 'a', 1), finding('leak', 'b', 2), finding('leak', 'c', 3)])

  it('fixes by that nothing that arises in this step or later', () => {
    expect(verdicts(baseline, examined([], 2))).toEqual(['fixed leak a'])
  })

  it('is held against a baseline that died by what it has itself', () => {
    const died = examined([finding('oops', 'f', 2)], 2)
    const judged = judge(died, examined([finding('leak', 'a', 3)]))
    expect(judged.map(({ subject, status }) => `${status} ${subject}`)).toEqual(['introduced a', 'fixed f'])
    expect(judged[0]?.before).toBe('not reached, a task ended in step 2')
  })

  it('had no time for as many findings as one that did not, so more of one is none introduced', () => {
    const died = examined([finding('console', 'w', 1), finding('oops', 'f', 2)], 2)
    const many = examined([{ ...finding('console', 'w', 1), count: 3 }])
    expect(verdicts(died, many)).toEqual(['kept console w', 'fixed oops f'])
  })
})
