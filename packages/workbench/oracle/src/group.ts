// SPDX-License-Identifier: GPL-2.0-only
import type { RunEvent } from '@pfo-workbench/run'
import type { Finding } from './finding.ts'
import { callersOf } from './chain.ts'

/** Things by their key, in the order in which they are met; no group is empty. */
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

/** Events that say the same about the same subject become one finding: first step, number of times, first as proof. */
export function groupEvents<Event extends RunEvent>(
  events: readonly Event[],
  subjectOf: (event: Event) => string,
  messageOf: (first: Event, count: number) => string,
  textOf: (event: Event) => string,
): Omit<Finding, 'oracle'>[] {
  return [...groupBy(events, subjectOf)].map(([subject, group]) => {
    const [first] = group
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

/** ` (3 times)`, or nothing for once. */
export function times(count: number): string {
  return count === 1 ? '' : ` (${String(count)} times)`
}
