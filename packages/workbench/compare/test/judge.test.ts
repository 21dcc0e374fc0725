// SPDX-License-Identifier: GPL-2.0-only
import type { Finding, FindingOf } from '@pfo-workbench/oracle'
import { describe, expect, it } from 'vitest'
import { judge, type ExaminedRun } from '../src/index.ts'

const leak = (subject: string, step = 1): FindingOf<'reference-held'> => ({
  oracle: 'leak',
  kind: 'reference-held',
  subject,
  step,
  count: 1,
  data: { state: 'detached', holder: 'f', references: 1 },
  evidence: [],
})

const oops = (subject: string, step = 1): Finding => ({
  oracle: 'oops',
  kind: 'task-killed',
  subject,
  step,
  count: 1,
  data: { reason: 'r', held: [] },
  evidence: [],
})

const complaint = (subject: string, step = 1): Finding => ({
  oracle: 'console',
  kind: 'console-line',
  subject,
  step,
  count: 1,
  data: { line: subject, names: [] },
  evidence: [],
})

const stolen: Finding = {
  oracle: 'refcount',
  kind: 'stolen-reference',
  subject: 's',
  step: 1,
  count: 1,
  data: { dropper: 'f', owner: 'g' },
  evidence: [],
}

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
  const baseline = examined([leak('a'), leak('b')])

  it('is kept if the baseline has it, introduced if not; what the baseline has and it has not is fixed', () => {
    expect(verdicts(baseline, examined([leak('c'), leak('a')]))).toEqual([
      'introduced leak c',
      'kept leak a',
      'fixed leak b',
    ])
  })

  it('is told apart by oracle and subject', () => {
    expect(verdicts(baseline, examined([{ ...stolen, subject: 'a' }]))).toContain('introduced refcount a')
  })

  it('is kept with what the baseline said of it, where that is something else', () => {
    const later = { ...leak('a', 3), data: { state: 'detached', holder: 'f', references: 2 } } as const
    expect(judge(baseline, examined([later]))[0]).toEqual({
      ...later,
      status: 'kept',
      unpatched: { state: 'differs', finding: leak('a') },
    })
  })

  it('is kept as far as the baseline has it, and introduced for what is more', () => {
    const more = { ...leak('a'), count: 7 }
    expect(judge(baseline, examined([more])).slice(0, 2)).toEqual([
      { ...more, count: 1, status: 'kept' },
      {
        ...more,
        count: 6,
        surplus: true,
        status: 'introduced',
        unpatched: { state: 'differs', finding: leak('a') },
      },
    ])
  })

  it('is kept if there is less of it', () => {
    const many = examined([{ ...complaint('a'), count: 7 }])
    expect(verdicts(many, examined([complaint('a')]))).toEqual(['kept console a'])
  })

  it('is kept if another fault hides it in the baseline', () => {
    const thief = { ...stolen, masks: ['leak c'] }
    const [judged] = judge(examined([thief]), examined([leak('c')]))
    expect(judged).toMatchObject({ status: 'kept', unpatched: { state: 'hidden', finding: thief } })
  })

  it('is not fixed if another fault of the variant hides it', () => {
    const thief = { ...stolen, masks: ['leak a'] }
    expect(verdicts(baseline, examined([thief]))).toEqual(['introduced refcount s', 'fixed leak b'])
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
  const baseline = examined([leak('a', 1), leak('b', 2), leak('c', 3)])

  it('fixes by that nothing that arises in this step or later', () => {
    expect(verdicts(baseline, examined([], 2))).toEqual(['fixed leak a'])
  })

  it('is held against a baseline that died by what it has itself', () => {
    const died = examined([oops('f', 2)], 2)
    const judged = judge(died, examined([leak('a', 3)]))
    expect(judged.map(({ subject, status }) => `${status} ${subject}`)).toEqual(['introduced a', 'fixed f'])
    expect(judged[0]?.unpatched).toEqual({ state: 'not-reached', endedIn: 2 })
  })

  it('had no time for as many findings as one that did not, so more of one is none introduced', () => {
    const died = examined([complaint('w', 1), oops('f', 2)], 2)
    const many = examined([{ ...complaint('w', 1), count: 3 }])
    expect(verdicts(died, many)).toEqual(['kept console w', 'fixed oops f'])
  })
})
