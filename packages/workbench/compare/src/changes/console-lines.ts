// SPDX-License-Identifier: GPL-2.0-only
import { isExcusedLine } from '@pfo-workbench/oracle'
import { eventsOf, type EventOf, type RunRecord } from '@pfo-workbench/run'

const KERN_ERR = 3

/** The first line of a fault report. The fault itself is an event, and the oracles report it. */
const reportBegins =
  /^(-+\[ cut here \]|={5,}|WARNING: |BUG: |BUG |CPU: |INFO: |Oops: |Unable to handle|Kernel panic|Call Trace:)/
const reportEnds = /^---\[ end trace/

/**
 * Removes parts that differ from run to run: task and processor numbers, addresses, object names, and the taint that an
 * earlier fault left.
 */
function withoutNumbers(text: string): string {
  return text
    .replace(/\b(pid: |PID: |CPU: )\d+/g, '$1N')
    .replace(/\b([a-z][\w/-]*)([/:])\d+\b/g, '$1$2N')
    .replace(/\b([a-z_]+)#\d+/g, '$1')
    .replace(/\b(?:0x)?[0-9a-f]{16}\b/g, 'ADDRESS')
    .replace(/\b(?:Not tainted|Tainted: [A-Z](?:[A-Z ]*[A-Z])?(?= |$)) *(\)?)/, (_, end: string) =>
      end === '' ? 'TAINT ' : 'TAINT)',
    )
    .trimEnd()
}

const sameCalls = (a: EventOf<'printk'>, b: EventOf<'printk'>): boolean =>
  a.step === b.step &&
  a.task === b.task &&
  a.chain.length === b.chain.length &&
  a.chain.every((frame, at) => frame.function === b.chain[at]?.function)

/** A console line that is not a fault itself. */
export interface ConsoleLine {
  readonly step: number
  readonly line: string
  /** The name of the fault report that the line belongs to, if any. */
  readonly report?: string
}

/** A fault report. */
interface Report {
  readonly first: EventOf<'printk'>
  last: EventOf<'printk'>
  inTrace: boolean
  /** The first line that is not a ruler; null until it is printed. */
  title: string | null
}

/** Matches lines that only separate others. */
const ruler = /^[-=\s]*(?:\[ cut here \][-\s]*)?$/

/**
 * The name of a report. An Oops is named after the event that follows its last line, so that the name is the same even
 * if a line at the beginning is missing.
 */
function nameOf({ first, last, title }: Report, oopses: readonly EventOf<'oops'>[]): string {
  const oops = oopses.find(({ seq }) => seq === last.seq + 1)
  if (oops !== undefined) return `Oops in ${oops.function}`
  return title ?? withoutNumbers(first.text)
}

/** The first line of a report's call trace. The functions in it are evidence of the fault. */
const listsFunctions = /^Call Trace:/

/**
 * Returns the console lines that can be changes. Leaves out empty lines, the functions in the call trace of a fault
 * report, and, outside of fault reports, lines at level error that the console oracle reports.
 */
export function consoleLines(run: RunRecord): ConsoleLine[] {
  let report: Report | null = null
  const lines = eventsOf(run, 'printk').flatMap((event): (ConsoleLine & { of?: Report })[] => {
    const { level, text, step } = event
    // All lines of a report come from the same call.
    if (report !== null && !sameCalls(report.first, event)) report = null
    if (report === null && reportBegins.test(text))
      report = { first: event, last: event, inTrace: false, title: null }
    const current = report
    if (current !== null) current.last = event
    if (reportEnds.test(text)) report = null
    const line = withoutNumbers(text)
    const isFinding = level <= KERN_ERR && !isExcusedLine(event, run)
    if (current === null) return isFinding || line.trim() === '' ? [] : [{ step, line }]
    if (current.inTrace && report !== null) return []
    current.inTrace = listsFunctions.test(text)
    if (!ruler.test(line)) current.title ??= line
    return line.trim() === '' ? [] : [{ step, line, of: current }]
  })
  const oopses = eventsOf(run, 'oops')
  return lines.map(({ step, line, of }) => ({
    step,
    line,
    ...(of === undefined ? {} : { report: nameOf(of, oopses) }),
  }))
}
