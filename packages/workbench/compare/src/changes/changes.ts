// SPDX-License-Identifier: GPL-2.0-only
import type { ExaminedRun } from '../play/examined-schema.ts'
import { findingKey } from '@pfo-workbench/oracle'
import type { JudgedFinding } from '../verdict/status.ts'
import { changeKinds, type Change } from './change.ts'
import { isAlreadyReported, type Difference } from './already-reported.ts'
import type { Observation } from '../play/examined-schema.ts'

/** The parts of a run from which changes are computed. */
type Observable = Pick<ExaminedRun, 'observed' | 'brokenOffIn' | 'steps' | 'findings'>

/** The tasks that died or hung in a run: a key of each, and the step. */
function deathsIn({ findings }: Observable): Map<string, number> {
  const deaths = findings.filter(({ kind }) => kind === 'task-killed' || kind === 'waits-forever')
  return new Map(deaths.map((one) => [JSON.stringify([one.step, findingKey(one), one.count]), one.step]))
}

/**
 * Returns the first step in which the runs diverge: a task died or hung in only one run, or a run broke off for another
 * reason. This step is incomplete, so only its call results are compared. If the same task dies in both runs, both runs
 * continue with the same loss. Returns Infinity if all steps can be compared.
 */
function endOf(unpatched: Observable, variant: Observable): number {
  const [before, after] = [deathsIn(unpatched), deathsIn(variant)]
  const different = [...before, ...after].filter(([key]) => !before.has(key) || !after.has(key))
  const unexplained = [unpatched, variant].flatMap((run) => {
    const { brokenOffIn } = run
    return brokenOffIn === null || [...deathsIn(run).values()].includes(brokenOffIn) ? [] : [brokenOffIn]
  })
  return Math.min(Infinity, ...different.map(([, step]) => step), ...unexplained)
}

const keyOf = ({ kind, subject }: Pick<Observation, 'kind' | 'subject'>): string => `${kind} ${subject}`

/** The observations of each step. */
function byStep(observations: readonly Observation[]): Map<number, Observation[]> {
  const found = new Map<number, Observation[]>()
  for (const one of observations) {
    const own = found.get(one.step) ?? []
    found.set(one.step, own)
    own.push(one)
  }
  return found
}

/**
 * Returns a function that compares the states after a step. It must be called for each step in order. It returns the
 * subjects whose value changed in this step and differs now.
 */
function stateComparison(
  before: readonly Observation[],
  after: readonly Observation[],
): (step: number) => Difference[] {
  const sides = [byStep(before), byStep(after)].map((steps) => ({ steps, now: new Map<string, string>() }))
  return (step) => {
    const touched = new Map<string, Observation>()
    for (const { steps, now } of sides)
      for (const one of steps.get(step) ?? []) {
        now.set(keyOf(one), one.value)
        if (!touched.has(keyOf(one))) touched.set(keyOf(one), one)
      }
    return [...touched].flatMap(([key, { kind, subject }]) => {
      const [old = '', own = ''] = sides.map(({ now }) => now.get(key))
      return old === own ? [] : [{ kind, subject, before: old, after: own }]
    })
  }
}

/** The values of each subject in a step, sorted: the order within a step does not matter. */
function happenedIn(happenings: readonly Observation[]): Map<string, { one: Observation; values: string[] }> {
  const found = new Map<string, { one: Observation; values: string[] }>()
  for (const one of happenings) {
    const known = found.get(keyOf(one)) ?? { one, values: [] }
    found.set(keyOf(one), known)
    known.values.push(one.value)
  }
  return found
}

/** Returns a function that is true for a line of a report that only one of the runs has: a finding covers it. */
function ofOneReport(...runs: readonly (readonly Observation[])[]): (one: Observation) => boolean {
  const reports = runs.map((run) => new Set(run.map(({ report }) => report)))
  return ({ report }) => report !== undefined && !reports.every((names) => names.has(report))
}

function happeningDifferences(before: readonly Observation[], after: readonly Observation[]): Difference[] {
  const [old, now] = [happenedIn(before), happenedIn(after)]
  const isOfOneReport = ofOneReport(before, after)
  return [...new Map([...old, ...now]).entries()].flatMap(([key, { one }]) => {
    if (isOfOneReport(one)) return []
    const text = (values: readonly string[] | undefined): string => [...(values ?? [])].sort().join('\n')
    const values = { before: text(old.get(key)?.values), after: text(now.get(key)?.values) }
    return values.before === values.after ? [] : [{ kind: one.kind, subject: one.subject, ...values }]
  })
}

const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)

/** Merges files of one directory that appear or disappear in the same step: `/sys/a/{b,c}`. */
function together(changes: readonly Change[]): Change[] {
  const groups = new Map<string, [Change, ...Change[]]>()
  for (const change of changes) {
    const { kind, subject, step, before, after } = change
    const comesOrGoes = kind === 'file' && (before === '' || after === '')
    const key = comesOrGoes ? JSON.stringify([directoryOf(subject), step, before === '']) : keyOf(change)
    groups.set(key, [...(groups.get(key) ?? []), change] as [Change, ...Change[]])
  }
  return [...groups.values()].map(([first, ...others]): Change => {
    if (others.length === 0) return first
    const directory = directoryOf(first.subject)
    const names = [first, ...others].map(({ subject }) => subject.slice(directory.length)).sort()
    const there = (text: string): string => (text === '' ? '' : 'there')
    return {
      ...first,
      subject: `${directory}{${names.join(',')}}`,
      before: there(first.before),
      after: there(first.after),
    }
  })
}

/**
 * Returns the differences between variant and unpatched kernel that a user can see in a scenario. Each difference
 * appears once, at its first step. Compares the steps that both runs reached. For the step in which a run broke off,
 * only call results are compared, unless both runs broke off in the same way. A difference that a finding of the cell
 * reports does not count as a change.
 */
export function changesOf(
  unpatched: Observable,
  variant: Observable,
  findings: readonly JudgedFinding[],
): Change[] {
  const end = endOf(unpatched, variant)
  const last = Math.min(end, ...[unpatched, variant].map(({ steps }) => steps.at(-1)?.index ?? 0))
  const changes = new Map<string, Change>()
  const statesAfter = stateComparison(unpatched.observed.states, variant.observed.states)
  const [old, now] = [unpatched, variant].map(({ observed }) => byStep(observed.happenings))
  for (let step = 0; step <= last; step++) {
    const different = [
      ...happeningDifferences(old?.get(step) ?? [], now?.get(step) ?? []),
      ...(step < end ? statesAfter(step) : []),
    ]
    for (const one of different) {
      if (step >= end && one.kind !== 'result') continue
      const key = keyOf(one)
      if (!changes.has(key) && !isAlreadyReported(one, findings)) changes.set(key, { ...one, step })
    }
  }
  return together([...changes.values()]).sort(
    (a, b) => changeKinds.indexOf(a.kind) - changeKinds.indexOf(b.kind) || a.step - b.step,
  )
}
