// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedReport, ReplayedStep } from '../facts.ts'
import type { RecordedReport } from '../line-schema.ts'
import type { RecordedStep } from '../recording.ts'
import { poisonIn } from './poison.ts'
import type { Section } from './section.ts'

const cannotRemoveLine = /^kernfs: can not remove '(.*)', no directory$/s
const doubleFreeLine = /^BUG kmalloc-\d+ .*: Object already free$/

/** True if a report prints the name of an attribute that was freed when its node was detached. */
export function printsFreedName(report: RecordedReport | ReplayedReport): boolean {
  return cannotRemoveLine.test(report.text) && report.trace.includes('__of_update_property_sysfs')
}

/** The name in a report that starts with `kernfs: can not remove`; empty for other reports. */
function nameIn({ text }: RecordedReport | ReplayedReport): string {
  return cannotRemoveLine.exec(text)?.[1] ?? ''
}

/** True if a report prints a freed name whose memory had a new owner, so that the name is unknown. */
export function printsNewOwner(report: RecordedReport | ReplayedReport): boolean {
  return printsFreedName(report) && poisonIn(nameIn(report)) === undefined
}

/** The text of a report. A name in freed memory is replaced by its known part. */
export function knownText(report: RecordedReport | ReplayedReport): string {
  if (!printsFreedName(report)) return report.text
  return `kernfs: can not remove '${poisonIn(nameIn(report)) ?? '<freed>'}', no directory`
}

/**
 * Names that were freed while they were in use. The kernel freed the memory of an attribute's name twice; between the
 * two frees, the memory was allocated for a name that is returned here.
 */
export function namesFreedUnderTheirOwners(step: RecordedStep): string[] {
  return step.reports.filter(printsNewOwner).map(nameIn)
}

/**
 * Removes the reports of a second free that SLUB could not detect in the recording, because the memory had a new owner.
 * In that case the name that the recording prints just before is not poison.
 */
export function withoutUnseenDoubleFrees(
  recorded: RecordedStep,
  replayed: ReplayedStep,
  section: Section,
): ReplayedStep {
  const printing = recorded.reports.filter(printsFreedName)
  let next = 0
  let reused = false
  const dropped: string[] = []
  const reports = replayed.reports.filter((report) => {
    if (printsFreedName(report)) {
      const counterpart = printing[next++]
      reused = counterpart !== undefined && printsNewOwner(counterpart)
    } else if (doubleFreeLine.test(report.text) && reused) {
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
