// SPDX-License-Identifier: GPL-2.0-only
import { compareConsole, compareFreedReads } from './compare/console.ts'
import { compareFiles } from './compare/files.ts'
import { namesFreedUnderTheirOwners, withoutUnseenDoubleFrees } from './compare/freed-names.ts'
import { compareLifecycle } from './compare/lifecycle.ts'
import { compareCalls, compareWhetherReturned, compareOutcome } from './compare/outcome.ts'
import { compareReferences, splitBoot } from './compare/references.ts'
import { compareKernelReports } from './compare/kernel-reports.ts'
import { Section } from './compare/section.ts'
import { compareLookups, compareState } from './compare/state.ts'
import { type FactDifference, Tally, type Unordered } from './compare/tally.ts'
import { countFacts } from './compare/count-facts.ts'
import type { TaskEvents, ReplayedRun, ReplayedStep } from './facts.ts'
import type { NotComparedId } from './not-compared.ts'
import type { RecordedStep, Recording } from './recording.ts'

/** Result of comparing a replay with its recording. */
export interface ReplayComparison {
  readonly variant: string
  readonly scenario: string
  /** Number of facts in the recording, compared or not. */
  readonly inFile: number
  readonly compared: number
  readonly agreed: number
  readonly differences: readonly FactDifference[]
  /** Number of facts not compared, by reason. */
  readonly skipped: ReadonlyMap<NotComparedId, number>
  /** The facts that were compared without their order. */
  readonly unordered: Unordered
}

/** Compares a replay with its recording, fact by fact. @throws Error if the replay lacks a step of the recording */
export function compareFacts(recording: Recording, run: ReplayedRun): ReplayComparison {
  const tally = new Tally()
  const [boot, ...steps] = run.steps
  compareBoot(recording, boot, tally)
  compareSteps(recording, steps, tally)
  const { compared, differences, skipped, unordered } = tally
  return {
    variant: recording.variant,
    scenario: recording.scenario,
    inFile: countFacts(recording),
    compared,
    agreed: compared - differences.length,
    differences,
    skipped,
    unordered,
  }
}

function compareBoot(recording: Recording, boot: ReplayedStep | undefined, tally: Tally): void {
  const section = new Section(tally, 'boot')
  const { refs, lifecycle } = splitBoot(recording.boot)
  compareLifecycle(lifecycle, boot?.lifecycle ?? [], section)
  compareReferences(refs, boot?.refs ?? [], section)
}

function compareSteps(recording: Recording, replayed: readonly ReplayedStep[], tally: Tally): void {
  let damage: 'none' | 'fresh' | 'old' = 'none'
  let isRace = false
  let workersRan = false
  for (const [index, step] of recording.steps.entries()) {
    const counterpart = replayed[index]
    if (counterpart === undefined) throw new Error(`the replay has no step ${step.step}`)
    const workerRan = didSomething(counterpart.worker)
    workersRan ||= workerRan
    isRace ||= workerRan && isDamaging(step)
    const ordering = isRace ? 'race' : workerRan ? 'any-order' : 'order'
    const section = new Section(tally, `step ${step.step} (${step.text})`, ordering, workersRan)
    if (damage === 'none') {
      compareStep(recording, step, counterpart, section)
      if (isDamaging(step)) damage = step.action.kind === 'dump' ? 'old' : 'fresh'
    } else if (damage === 'fresh' && (step.action.kind === 'dump' || step.action.kind === 'observe')) {
      compareDamagedDump(step, counterpart, section)
      damage = 'old'
    } else if (step.action.kind !== 'settle') {
      section.skip('after-oops')
    }
  }
}

/** True if a step did not return or had an Oops. The order of later events then differs from run to run. */
function isDamaging(step: RecordedStep): boolean {
  return typeof step.outcome === 'string' || step.reports.some(({ text }) => text.startsWith('Oops'))
}

/**
 * Compares the dump right after the damage: the observer's state, but not the files, because the process that reads
 * them does not return.
 */
function compareDamagedDump(recorded: RecordedStep, replayed: ReplayedStep, section: Section): void {
  compareWhetherReturned(recorded, replayed, section)
  compareState(recorded, replayed, section)
  section.skip('after-oops')
}

function compareStep(
  recording: Recording,
  recorded: RecordedStep,
  counterpart: ReplayedStep,
  section: Section,
): void {
  const replayed = withoutUnseenDoubleFrees(recorded, withWorker(counterpart, section), section)
  compareOutcome(recorded, replayed, lostNames(recording, recorded), section)
  compareCalls(recorded, replayed, section)
  compareReferences(recorded.refs, tracedReferences(recording, recorded, replayed, section), section)
  compareLifecycle(recorded.lifecycle, replayed.lifecycle, section)
  compareState(recorded, replayed, section)
  compareLookups(recorded.lookups, replayed.lookups, section)
  compareFiles(recorded, replayed, section)
  compareConsole(recorded, replayed, section)
  compareFreedReads(recorded, replayed, section)
  compareKernelReports(recorded, replayed, section)
}

function didSomething(worker: TaskEvents): boolean {
  return [worker.console, worker.refs, worker.lifecycle, worker.reports].some((list) => list.length > 0)
}

/**
 * Joins the events of the step's task and its workers if their order is not significant. In a race only the task's
 * events are compared.
 */
function withWorker(replayed: ReplayedStep, section: Section): ReplayedStep {
  if (section.ordering !== 'any-order') return replayed
  section.skip('other-order')
  const { worker } = replayed
  return {
    ...replayed,
    console: [...replayed.console, ...worker.console],
    refs: [...replayed.refs, ...worker.refs],
    lifecycle: [...replayed.lifecycle, ...worker.lifecycle],
    reports: [...replayed.reports, ...worker.reports],
    freedReads: [...replayed.freedReads, ...worker.freedReads],
  }
}

/** Names of files that the recorded kernel freed in earlier steps. */
function lostNames(recording: Recording, before: RecordedStep): string[] {
  return recording.steps.filter(({ step }) => step < before.step).flatMap(namesFreedUnderTheirOwners)
}

/**
 * In recordings of the scenario S6, the observer stopped tracing references when the drivers had been loaded. From then
 * on it traced only those on released nodes.
 */
function tracedReferences(
  recording: Recording,
  recorded: RecordedStep,
  replayed: ReplayedStep,
  section: Section,
): ReplayedStep['refs'] {
  if (!/^S6\b/.test(recording.scenario) || recorded.action.kind === 'load') return replayed.refs
  const traced = replayed.refs.filter(({ remark }) => remark !== '')
  section.skip('untraced-references', replayed.refs.length - traced.length)
  return traced
}
