// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type EventOf, type RunRecord } from '@pfo-workbench/run'

const KERN_ERR = 3

/** The first line of a fault report. The fault itself is an event, and the oracles report it. */
const reportBegins =
  /^(-+\[ cut here \]|={5,}|WARNING: |BUG: |BUG |CPU: |INFO: |Oops: |Unable to handle|Kernel panic|Call Trace:)/
const reportEnds = /^---\[ end trace/

/** Removes numbers that differ from run to run: task and processor numbers, addresses, object names. */
function withoutNumbers(text: string): string {
  return text
    .replace(/\b(pid: |PID: |CPU: )\d+/g, '$1N')
    .replace(/\b([a-z][\w/-]*)([/:])\d+\b/g, '$1$2N')
    .replace(/\b([a-z_]+)#\d+/g, '$1')
    .replace(/\b(?:0x)?[0-9a-f]{16}\b/g, 'ADDRESS')
    .trimEnd()
}

const sameCalls = (a: EventOf<'printk'>, b: EventOf<'printk'>): boolean =>
  a.step === b.step &&
  a.task === b.task &&
  a.chain.length === b.chain.length &&
  a.chain.every((frame, at) => frame.function === b.chain[at]?.function)

/** Returns the console lines that are not about a fault: without reports and without lines at level error. */
export function quietLines(run: RunRecord): { readonly step: number; readonly line: string }[] {
  let report: EventOf<'printk'> | null = null
  return eventsOf(run, 'printk').flatMap((event) => {
    const { level, text, step } = event
    // All lines of a report come from the same call.
    if (report !== null && !sameCalls(report, event)) report = null
    if (report === null && reportBegins.test(text)) report = event
    const isReport = report !== null
    if (reportEnds.test(text)) report = null
    return isReport || level <= KERN_ERR || text.trim() === '' ? [] : [{ step, line: withoutNumbers(text) }]
  })
}
