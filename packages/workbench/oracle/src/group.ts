// SPDX-License-Identifier: GPL-2.0-only
import type { RunEvent } from '@pfo-workbench/scenario'
import type { Finding } from './finding.ts'
import { callersOf } from './ledger.ts'

/** Events that say the same about the same subject become one finding: first step, number of times, first as proof. */
export function groupEvents(
  events: readonly RunEvent[],
  subjectOf: (event: RunEvent) => string,
  messageOf: (first: RunEvent, count: number) => string,
  textOf: (event: RunEvent) => string,
): Omit<Finding, 'oracle'>[] {
  const groups = new Map<string, RunEvent[]>()
  for (const event of events) {
    const subject = subjectOf(event)
    const group = groups.get(subject)
    if (group === undefined) groups.set(subject, [event])
    else group.push(event)
  }
  return [...groups].map(([subject, group]) => {
    const [first] = group as [RunEvent]
    return {
      subject,
      step: first.step,
      count: group.length,
      message: messageOf(first, group.length),
      evidence: group
        .slice(0, 3)
        .map((event) => ({ text: textOf(event), chain: callersOf(event.chain), seq: event.seq })),
    }
  })
}

/** A field of an event as text. */
export function field(event: RunEvent, name: string): string {
  const value = event[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** ` (3 times)`, or nothing for once. */
export function times(count: number): string {
  return count === 1 ? '' : ` (${String(count)} times)`
}
