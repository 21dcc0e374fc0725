// SPDX-License-Identifier: GPL-2.0-only
import type { KernelEvent } from '@pfo-workbench/kernel'
import type { ReplayedReport } from '../facts.ts'

/** Lines that start a report whose text is only on the console. */
const reportLines = /^(BUG:|WARNING: possible|INFO: (task|rcu_sched)) /
/** Lines whose own call chain is the trace of the report. */
const wholeReportLine = /^BUG .*Object already free|^\[ BUG: Invalid wait context \]/
const oopsLine = /^Oops: /

/** The WARNINGs, BUGs, Oopses and lock reports among the events, in order. */
export function reportsOf(events: readonly KernelEvent[]): ReplayedReport[] {
  const reports: ReplayedReport[] = []
  let lastLine = ''
  /** A report whose event precedes its text. */
  let pending: (() => string[]) | undefined
  for (const [index, event] of events.entries()) {
    const functions = (): string[] => event.chain.map((frame) => frame.function)
    switch (event.type) {
      case 'printk':
        if (reportLines.test(event.text)) {
          lastLine = event.text
          if (pending !== undefined) reports.push({ text: event.text, at: '', trace: pending() })
          pending = undefined
        }
        if (oopsLine.test(event.text)) reports.push(oopsReport(event.text, events.slice(index)))
        if (wholeReportLine.test(event.text)) {
          reports.push({ text: event.text, at: '', trace: functions() })
        }
        break
      case 'warn': {
        const place = `WARNING: CPU: 0 PID: 0 at ${event.file}:${event.line} ${event.function}`
        reports.push({ text: event.text === '' ? place : event.text, at: event.function, trace: functions() })
        break
      }
      case 'lock.report':
        if (event.report === 'sleep-in-atomic') pending = functions
        else reports.push({ text: lastLine, at: '', trace: functions() })
        break
      case 'hang':
        reports.push({ text: lastLine, at: '', trace: functions() })
        break
      default:
    }
  }
  return reports
}

/**
 * Reads the location and trace of an Oops from the console lines. They start at the function that faulted. If a
 * JavaScript error in a model caused the Oops, the call chains of the events do not contain this function.
 */
function oopsReport(text: string, events: readonly KernelEvent[]): ReplayedReport {
  const lines = events.flatMap((event) => (event.type === 'printk' ? [event.text] : []))
  const end = lines.findIndex((line) => line.startsWith('---[ end trace'))
  const start = lines.indexOf('Call Trace:')
  const trace = start < 0 ? [] : lines.slice(start + 1, end < 0 ? lines.length : end)
  const at = lines.find((line) => line.startsWith('NIP '))?.slice('NIP '.length) ?? ''
  return { text, at, trace }
}
