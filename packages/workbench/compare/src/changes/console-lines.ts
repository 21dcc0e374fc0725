// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type EventOf, type RunRecord } from '@pfo-workbench/run'

const KERN_ERR = 3

/** The first line of a fault report. The fault itself is an event, and the oracles report it. */
const reportBegins =
  /^(-+\[ cut here \]|={5,}|WARNING: |BUG: |BUG |CPU: |INFO: |Oops: |Unable to handle|Kernel panic|Call Trace:)/
const reportEnds = /^---\[ end trace/

/**
 * A line without what differs from run to run and says nothing: numbers of tasks and processors, addresses, object names, and
 * whether something else went wrong before.
 */
function withoutNumbers(text: string): string {
  return text
    .replace(/\b(pid: |PID: |CPU: )\d+/g, '$1N')
    .replace(/\b([a-z][\w/-]*)([/:])\d+\b/g, '$1$2N')
    .replace(/\b([a-z_]+)#\d+/g, '$1')
    .replace(/\b(?:0x)?[0-9a-f]{16}\b/g, 'ADDRESS')
    .replace(/\b(Not tainted|Tainted: [A-Z][A-Z ]*[A-Z]|Tainted: [A-Z])(?= |$)/, 'TAINT')
    .trimEnd()
}

const sameCalls = (a: EventOf<'printk'>, b: EventOf<'printk'>): boolean =>
  a.step === b.step &&
  a.task === b.task &&
  a.chain.length === b.chain.length &&
  a.chain.every((frame, at) => frame.function === b.chain[at]?.function)

/** A line of the console that is no fault by itself. */
export interface ConsoleLine {
  readonly step: number
  readonly line: string
  /** Of a line that belongs to a report about a fault: the first line of the report. */
  readonly report?: string
}

/** The first line of the list of functions in a report. Which they are is evidence of the fault. */
const listsFunctions = /^Call Trace:/

/**
 * The lines of the console, without those at level error that stand alone: a finding says what they say. Of a report its first
 * line and those that say what kind of things it tells are there, without the functions of its call trace.
 */
export function consoleLines(run: RunRecord): ConsoleLine[] {
  let report: { readonly first: EventOf<'printk'>; inTrace: boolean } | null = null
  return eventsOf(run, 'printk').flatMap((event): ConsoleLine[] => {
    const { level, text, step } = event
    // All lines of a report come from one call.
    if (report !== null && !sameCalls(report.first, event)) report = null
    if (report === null && reportBegins.test(text)) report = { first: event, inTrace: false }
    const current = report
    if (reportEnds.test(text)) report = null
    const line = withoutNumbers(text)
    if (current === null) return level <= KERN_ERR || line.trim() === '' ? [] : [{ step, line }]
    if (current.inTrace && report !== null) return []
    current.inTrace = listsFunctions.test(text)
    return line.trim() === '' ? [] : [{ step, line, report: withoutNumbers(current.first.text) }]
  })
}
