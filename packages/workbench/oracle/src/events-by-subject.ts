// SPDX-License-Identifier: GPL-2.0-only
import type { RunEvent, RunRecord } from '@pfo-workbench/run'
import type { Evidence, EvidenceContent } from './evidence.ts'
import { toEvidence } from './to-evidence.ts'

/** Groups things by key, in order of first appearance. No group is empty. */
export function groupBy<T>(things: readonly T[], keyOf: (thing: T) => string): Map<string, [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>()
  for (const thing of things) {
    const key = keyOf(thing)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [thing])
    else group.push(thing)
  }
  return groups
}

/** Number of events per subject to show as evidence. */
const shownEvents = 3

/** Fields common to all kinds of findings. */
export interface Occurrence {
  readonly subject: string
  readonly step: number
  readonly count: number
  readonly steps?: readonly number[]
  readonly evidence: readonly Evidence[]
}

/** The step of each event, if there is more than one. */
export function stepsOf(events: readonly RunEvent[]): { readonly steps?: readonly number[] } {
  return events.length > 1 ? { steps: events.map(({ step }) => step) } : {}
}

/**
 * Makes one finding for each subject, from all events about this subject.
 *
 * @param subjectOf - returns the subject of an event
 * @param say - returns what an event proves
 * @param make - makes the finding from the occurrence data and the first event
 */
export function findBySubject<Event extends RunEvent, Finding>(
  run: RunRecord,
  events: readonly Event[],
  subjectOf: (event: Event) => string,
  say: (event: Event) => EvidenceContent,
  make: (occurrence: Occurrence, first: Event) => Finding,
): Finding[] {
  return [...groupBy(events, subjectOf)].map(([subject, group]) => {
    const [first] = group
    const evidence = group.slice(0, shownEvents).map((event) => toEvidence(run, event, say(event)))
    return make({ subject, step: first.step, count: group.length, ...stepsOf(group), evidence }, first)
  })
}
