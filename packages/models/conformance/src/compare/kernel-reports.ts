// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedReport, ReplayedStep } from '../facts.ts'
import type { RecordedReport } from '../line-schema.ts'
import type { RecordedStep } from '../recording.ts'
import { beginsWith, comparableTrace } from './chains.ts'
import type { Section } from './section.ts'
import { hungTaskLine, normalizeText, taintText } from './text.ts'
import { knownText, printsFreedName, printsNewOwner } from './freed-names.ts'

/** Compares WARNINGs, BUGs, Oopses and lock reports: text, location and complete trace. */
export function compareKernelReports(recorded: RecordedStep, replayed: ReplayedStep, section: Section): void {
  const { reports } = recorded
  const hungTaskSpoke = reports.some(({ text }) => hungTaskLine.test(text))
  const replayedReports = replayed.reports.filter(({ text }) => hungTaskSpoke || !hungTaskLine.test(text))
  section.skip('cut-trace', reports.filter(isCut).length)
  section.skip('freed-text', reports.filter(printsNewOwner).length)
  section.skip('torn-trace', reports.filter(isTorn).length)
  section.skip('taint', reports.filter(({ text }) => taintText.test(text)).length)
  section.events('reports', reports, replayedReports, {
    agree: reportsAgree,
    showRecorded: (report) => show(report, report.at ?? ''),
    showReplayed: (report) => show(report, report.at === '' ? '' : placeOf(report)),
  })
}

/** Functions that end a complete trace. */
const outermostFunctions: ReadonlySet<string> = new Set([
  'system_call',
  'system_call_common',
  'system_call_vectored_common',
  'ret_from_kernel_thread',
])

function isCut({ trace }: RecordedReport): boolean {
  return !outermostFunctions.has(trace.at(-1) ?? '')
}

const sleepingLine = /^BUG: sleeping function /

/** True if the recorder mixed up two traces that two processors printed at the same time. */
function isTorn({ text, trace }: RecordedReport): boolean {
  return (
    sleepingLine.test(text) &&
    trace.length > 0 &&
    !trace.includes('___might_sleep') &&
    !trace.includes('__might_resched')
  )
}

function reportsAgree(recorded: RecordedReport, replayed: ReplayedReport): boolean {
  if (!textsAgree(recorded, replayed)) return false
  if (recorded.at !== null && recorded.at !== placeOf(replayed)) return false
  if (isTorn(recorded)) return true
  const [wanted, found] = [fromPlace(recorded), fromPlace(replayed)]
  return beginsWith(found, wanted) && (isCut(recorded) || wanted.length === found.length)
}

function textsAgree(recorded: RecordedReport, replayed: ReplayedReport): boolean {
  if (printsNewOwner(recorded)) return printsFreedName(replayed)
  return normalizeText(knownText(recorded)) === normalizeText(knownText(replayed))
}

/** The innermost function that the compiler did not inline. */
function placeOf({ at, trace }: ReplayedReport): string {
  return comparableTrace([at])[0] ?? comparableTrace(trace)[0] ?? at
}

/** The trace without the location: some traces start with the location itself, others with its caller. */
function fromPlace(report: RecordedReport | ReplayedReport): string[] {
  const chain = comparableTrace(report.trace)
  const place = report.at === null || report.at === '' ? undefined : placeOf({ ...report, at: report.at })
  return place !== undefined && chain[0] === place ? chain.slice(1) : chain
}

function show(report: RecordedReport | ReplayedReport, at: string): string {
  const place = at === '' ? '' : ` at ${at}`
  return `${normalizeText(knownText(report))}${place} < ${fromPlace(report).join(' < ')}`
}
