// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedReport, ReplayedStep } from '../facts.ts'
import type { RecordedReport, RecordedStep } from '../recording.ts'
import type { Section } from './tally.ts'

const CANNOT_REMOVE = /^kernfs: can not remove '(.*)', no directory$/s
const DOUBLE_FREE = /^BUG kmalloc-\d+ .*: Object already free$/
/** A string in freed memory, as far as poison goes. */
const POISON = /^k+/

/** Whether a report prints the name of an attribute that was freed when its node was detached. */
function printsFreedName(report: RecordedReport | ReplayedReport): boolean {
  return CANNOT_REMOVE.test(report.text) && report.trace.includes('__of_update_property_sysfs')
}

/** A report's text without what was printed out of freed memory. */
export function withoutFreedName(report: RecordedReport | ReplayedReport): string {
  return printsFreedName(report)
    ? report.text.replace(CANNOT_REMOVE, "kernfs: can not remove '<freed>', no directory")
    : report.text
}

/**
 * Names that were live strings of somebody else when they were freed as the second free of an attribute's name.
 */
export function namesFreedUnderTheirOwners(step: RecordedStep): string[] {
  return step.reports
    .filter(printsFreedName)
    .map(({ text }) => CANNOT_REMOVE.exec(text)?.[1] ?? '')
    .filter((name) => !POISON.test(name))
}

/**
 * The replayed step with those reports of a second free taken out that SLUB could not give in the recording, because
 * that memory had a new owner: the name that was printed just before is no poison.
 */
export function translateDoubleFrees(
  recorded: RecordedStep,
  replayed: ReplayedStep,
  section: Section,
): ReplayedStep {
  const names = recorded.reports
    .filter(printsFreedName)
    .map(({ text }) => CANNOT_REMOVE.exec(text)?.[1] ?? '')
  let next = 0
  let reused = false
  const dropped: string[] = []
  const reports = replayed.reports.filter((report) => {
    if (printsFreedName(report)) {
      const name = names[next++]
      reused = name !== undefined && !POISON.test(name)
    } else if (DOUBLE_FREE.test(report.text) && reused) {
      reused = false
      dropped.push(report.text)
      return false
    }
    return true
  })
  if (dropped.length === 0) return replayed
  section.skip('double-free-of-reused-memory', dropped.length)
  const console = [...replayed.console]
  for (const line of dropped) console.splice(console.indexOf(line), 1)
  return { ...replayed, console, reports }
}
