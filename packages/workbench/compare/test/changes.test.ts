// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changesOf } from '../src/changes/changes.ts'
import { changeKinds, type Change } from '../src/changes/change.ts'
import type { Observation, Observed } from '../src/play/examined-schema.ts'
import type { ExaminedRun, JudgedFinding } from '../src/index.ts'

type Run = Pick<ExaminedRun, 'observed' | 'brokenOffIn' | 'steps' | 'findings'>

const see = (kind: Observation['kind'], subject: string, step: number, value: string): Observation => ({
  kind,
  subject,
  step,
  value,
})

/** A task that was killed in this function, in this step. */
const killed = (subject: string, step: number): Finding => ({
  oracle: 'oops',
  kind: 'task-killed',
  subject,
  step,
  count: 1,
  data: { reason: 'BUG', held: [] },
  evidence: [],
})

/** A run of four steps with these observations and findings; may have broken off in a step. */
function runOf(
  observed: Partial<Observed>,
  brokenOffIn: number | null = null,
  findings: readonly Finding[] = [],
): Run {
  return {
    findings,
    observed: { states: [], happenings: [], ...observed },
    brokenOffIn,
    steps: [0, 1, 2, 3].map((index) => ({
      index,
      step: null,
      result: { kind: 'boot', outcome: 'completed' },
      failure: null,
    })),
  }
}

const changes = (before: Run, after: Run, findings: readonly JudgedFinding[] = []): string[] =>
  changesOf(before, after, findings).map(
    (one: Change) => `${one.kind} ${one.subject} in ${String(one.step)}: ${one.before} -> ${one.after}`,
  )

describe('changes', () => {
  const file = (step: number, value: string) => see('file', '/sys/f', step, value)

  it('list a differing state once, at its first step', () => {
    const before = runOf({ states: [file(0, 'a')] })
    expect(changes(before, runOf({ states: [file(0, 'a'), file(2, 'b'), file(3, 'c')] }))).toEqual([
      'file /sys/f in 2: a -> b',
    ])
    expect(changes(before, runOf({ states: [file(0, 'a'), file(2, '')] }))).toEqual([
      'file /sys/f in 2: a -> ',
    ])
    expect(changes(before, runOf({ states: [file(0, 'a'), file(2, 'a')] }))).toEqual([])
  })

  it('list events of only one of the runs, regardless of count and order', () => {
    const uevent = (value: string) => see('uevent', 'add x', 1, value)
    const before = runOf({ happenings: [uevent('A=1'), uevent('A=2')] })
    expect(changes(before, runOf({ happenings: [uevent('A=2'), uevent('A=1')] }))).toEqual([])
    expect(changes(before, runOf({ happenings: [uevent('A=1')] }))).toEqual([
      'uevent add x in 1: A=1\nA=2 -> A=1',
    ])
    expect(changes(before, runOf({}))).toEqual(['uevent add x in 1: A=1\nA=2 -> '])
  })

  it('end where one of the runs broke off, except for the call results of that step', () => {
    const result = (step: number, value: string) => see('result', 'migrate', step, value)
    const before = runOf({ happenings: [result(2, 'did not return')], states: [file(0, 'a')] }, 2)
    const after = runOf({
      happenings: [result(2, 'ok'), result(3, 'ok')],
      states: [file(0, 'a'), file(2, 'b')],
    })
    expect(changes(before, after)).toEqual(['result migrate in 2: did not return -> ok'])
  })

  it('continue after a step in which the same task died in both runs, up to a step in which a task died in only one run', () => {
    const lines = (...steps: readonly number[]) => steps.map((step) => see('console', 'x', step, 'printed'))
    const dead = [killed('f', 1)]
    const before = runOf({ happenings: lines(1, 2) }, 1, dead)
    const gone = ['console x in 2: printed -> ']
    expect(changes(before, runOf({ happenings: lines(1) }, 1, dead))).toEqual(gone)
    expect(changes(before, runOf({ happenings: lines(1) }, 1, [...dead, killed('g', 3)]))).toEqual(gone)
    expect(changes(before, runOf({ happenings: lines(1) }, 1, [...dead, killed('g', 2)]))).toEqual([])
    expect(changes(before, runOf({ happenings: lines(1) }, 1, [killed('g', 1)]))).toEqual([])
    expect(changes(before, runOf({ happenings: lines(1) }))).toEqual([])
    // A run that broke off without a finding, for example because a function is not modelled.
    expect(changes(before, runOf({ happenings: lines(1) }, 1))).toEqual([])
  })

  it('merge files of one directory that appear or disappear', () => {
    const all = ['/sys/d/a', '/sys/d/b', '/sys/e/c'].map((path) => see('file', path, 0, 'x'))
    const gone = all.map((one) => ({ ...one, step: 1, value: '' }))
    expect(changes(runOf({ states: all }), runOf({ states: [...all, ...gone] }))).toEqual([
      'file /sys/d/{a,b} in 1: there -> ',
      'file /sys/e/c in 1: x -> ',
    ])
  })

  it('list lines of a report if both kernels have the report, and none if only one has it', () => {
    const line = (text: string): Observation => ({
      ...see('console', text, 1, 'printed'),
      report: 'WARNING: at x',
    })
    const before = runOf({ happenings: ['WARNING: at x', 'Call Trace:'].map(line) })
    expect(changes(before, runOf({ happenings: [line('WARNING: at x')] }))).toEqual([
      'console Call Trace: in 1: printed -> ',
    ])
    expect(changes(before, runOf({}))).toEqual([])
    expect(changes(runOf({}), before)).toEqual([])
  })

  it('leave out differences that are reported by a finding of only one kernel', () => {
    const lost: JudgedFinding = {
      oracle: 'lost-device',
      kind: 'no-device',
      subject: 'ibm,x-v1',
      step: 1,
      count: 1,
      data: {},
      evidence: [],
      status: 'introduced',
    }
    const there = [
      see('device', 'ibm,x-v1', 0, 'bound to x'),
      see('file', '/sys/devices/vio/ibm,x-v1/name', 0, 'x'),
      see('file', '/sys/bus/vio/y', 0, 'y'),
    ]
    const after = runOf({ states: [...there, ...there.map((one) => ({ ...one, step: 1, value: '' }))] })
    expect(changes(runOf({ states: there }), after, [lost])).toEqual(['file /sys/bus/vio/y in 1: y -> '])
    expect(changes(runOf({ states: there }), after, [{ ...lost, status: 'kept' }])).toHaveLength(3)
  })

  it('are empty between a run and itself, and symmetric', () => {
    const observation = fc.record({
      kind: fc.constantFrom(...changeKinds),
      subject: fc.constantFrom('/sys/a/x', '/sys/a/y', '/sys/b/x'),
      step: fc.nat(3),
      value: fc.constantFrom('', 'p', 'q'),
    })
    const run = fc
      .record({ states: fc.array(observation), happenings: fc.array(observation), end: fc.option(fc.nat(3)) })
      .map(({ end, ...observed }) => runOf(observed, end))
    fc.assert(
      fc.property(run, run, (one, other) => {
        expect(changes(one, one)).toEqual([])
        const there = changesOf(one, other, []).map(({ before, after, ...rest }) => ({
          ...rest,
          before: after,
          after: before,
        }))
        const sorted = (all: readonly Change[]): string[] =>
          all.map((change) => JSON.stringify(change, Object.keys(change).sort())).sort()
        expect(sorted(changesOf(other, one, []))).toEqual(sorted(there))
      }),
      { seed: 14 },
    )
  })
})
