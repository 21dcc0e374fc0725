// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import type { RunEvent, RunRecord } from '@pfo-workbench/scenario'
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

/** A run with these findings; in the step of `end`, if there is one, a task died or began to hang. */
function examined(findings: readonly Finding[], end?: { type: 'oops' | 'hang'; step: number }): ExaminedRun {
  const events: RunEvent[] = end === undefined ? [] : [{ ...end, seq: 0, task: 'init/1', chain: [] }]
  const run: RunRecord = { scenario: 'a-test', outcome: 'completed', steps: [], events, console: [] }
  return { run, findings }
}

const verdicts = (baseline: ExaminedRun, variant: ExaminedRun): string[] =>
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

  it('is told apart by oracle and subject, and by nothing else', () => {
    expect(verdicts(baseline, examined([finding('refcount', 'a')]))).toContain('introduced refcount a')
    const worse = { ...finding('leak', 'a', 3), count: 7, message: 'more of it' }
    expect(judge(baseline, examined([worse]))[0]).toEqual({ ...worse, status: 'kept' })
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

  it.each(['oops', 'hang'] as const)(
    'fixes by that (%s) nothing that arises in this step or later',
    (type) => {
      expect(verdicts(baseline, examined([], { type, step: 2 }))).toEqual(['fixed leak a'])
    },
  )

  it('is held against a baseline that died by what it has itself', () => {
    const died = examined([finding('oops', 'f', 2)], { type: 'oops', step: 2 })
    expect(verdicts(died, examined([finding('leak', 'a', 3)]))).toEqual(['introduced leak a', 'fixed oops f'])
  })
})
