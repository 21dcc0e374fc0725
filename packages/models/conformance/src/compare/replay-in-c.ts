// SPDX-License-Identifier: GPL-2.0-only
import { compareFacts, type ReplayComparison } from '../compare.ts'
import type { TaskEvents, ReplayedRun, ReplayedStep } from '../facts.ts'
import { countFacts } from './count-facts.ts'
import { cLeftOutFunctions } from '../not-compared.ts'
import type { RecordedStep, Recording } from '../recording.ts'
import { splitChain } from '../split-chain.ts'

const leftOut: ReadonlySet<string> = new Set(cLeftOutFunctions.flatMap(({ functions }) => functions))

const cloneSuffix = /\.(part|isra|constprop|cold)\.?\d*$/

/**
 * Compares a replay on the kernel's own C with its recording. Like `compareFacts`, but ignores on both sides what
 * depends on the recorded build: functions that its compiler inlined or that the workbench replaces, line numbers,
 * addresses.
 */
export function compareReplayInC(recording: Recording, run: ReplayedRun): ReplayComparison {
  const comparable = recording.steps.map(recordedStep)
  const steps = comparable.map(withoutNxGzip)
  const comparison = compareFacts(
    { ...recording, boot: recording.boot.map(comparableLine), steps },
    { steps: run.steps.map(replayedStep) },
  )
  const left = countReports(comparable) - countReports(steps)
  const skipped = new Map(comparison.skipped)
  if (left > 0) skipped.set('nx-gzip', left)
  return { ...comparison, inFile: countFacts(recording), skipped }
}

const countReports = (steps: readonly RecordedStep[]): number =>
  steps.reduce((sum, { reports }) => sum + reports.length, 0)

/**
 * Functions in the call traces of the WARNs that unloading nx-compress-pseries causes if NX-GZIP was never registered.
 */
const nxGzip = ['vas_unregister_api_pseries', 'crypto_unregister_alg']

/**
 * A copy of the step without complaints about NX-GZIP: without their reports, and without their texts and WARN
 * locations on the console.
 */
function withoutNxGzip(step: RecordedStep): RecordedStep {
  const { action } = step
  if (action.kind !== 'rmmod' || action.module !== 'nx_compress_pseries') return step
  const isAbout = ({ trace }: RecordedStep['reports'][number]): boolean =>
    nxGzip.some((name) => trace.includes(name))
  if (!step.reports.some(({ trace }) => trace.includes('vas_unregister_api_pseries'))) return step
  const events = [...step.events]
  const drop = (wanted: (line: string) => boolean): void => {
    const index = events.findIndex(wanted)
    if (index >= 0) events.splice(index, 1)
  }
  for (const { text } of step.reports.filter(isAbout)) {
    drop((line) => line === text)
    if (!text.startsWith('WARNING')) drop((line) => /^WARNING: .* at lib\/refcount\.c:/.test(line))
  }
  drop((line) => line.startsWith('kobject: ') && line.includes('is not initialized'))
  return { ...step, events, reports: step.reports.filter((report) => !isAbout(report)) }
}

function recordedStep(step: RecordedStep): RecordedStep {
  return {
    ...step,
    events: step.events.map(comparableText),
    refs: step.refs.map((ref) => ({ ...ref, by: comparableNames(ref.by) })),
    lifecycle: step.lifecycle.map(comparableLine),
    reports: step.reports.map((report) => ({ ...report, ...comparableReport(report) })),
  }
}

function replayedStep(step: ReplayedStep): ReplayedStep {
  return { ...step, ...happenings(step), worker: happenings(step.worker) }
}

function happenings({ console, refs, lifecycle, reports, calls, freedReads }: TaskEvents): TaskEvents {
  return {
    console: console.map(comparableText),
    refs: refs.map((ref) => ({ ...ref, chain: comparableNames(ref.chain) })),
    lifecycle: lifecycle.map((event) => ({ ...event, chain: comparableNames(event.chain) })),
    reports: reports.map((report) => ({
      ...comparableReport(report),
      at: isLeftOut(report.at) ? (comparableNames(report.trace)[0] ?? report.at) : report.at,
    })),
    calls,
    freedReads,
  }
}

const isLeftOut = (name: string): boolean => leftOut.has(name.replace(cloneSuffix, ''))

function comparableNames(names: readonly string[]): string[] {
  return names.filter((name) => !isLeftOut(name))
}

function comparableReport({ text, trace }: { readonly text: string; readonly trace: readonly string[] }): {
  readonly text: string
  readonly trace: string[]
} {
  return { text: comparableText(text), trace: comparableNames(trace) }
}

/** Replaces the call chain at the end of a line of the observer by names that can be compared. */
function comparableLine(line: string): string {
  const at = line.indexOf(' by ')
  if (at < 0) return line
  const { chain, remark } = splitChain(line.slice(at + ' by '.length))
  return `${line.slice(0, at)} by ${comparableNames(chain).join(' < ')}${remark === '' ? '' : ` (${remark})`}`
}

/**
 * Text without line numbers, low (inaccessible) addresses, and the function in the location of a WARN. The report of
 * the WARN has this function.
 */
function comparableText(text: string): string {
  return text
    .replace(/( at [\w./-]+\.[ch]):\d+(?: \w+(?:\.\w+)*$)?/, '$1:<line>')
    .replace(/((?:data )?at (?:address )?)0x0*[0-9a-f]{1,4}$/, '$1<offset>')
}
