// SPDX-License-Identifier: GPL-2.0-only
// Apart from the schemas: programs in the sandbox use this, and have no use for a parser.
import type { EventOf, RunEvent, RunEventType } from './event.ts'

/** Events by the types that they were asked for: many oracles ask for the same ones of a run. */
const known = new WeakMap<readonly RunEvent[], Map<string, readonly RunEvent[]>>()

/** The events of some types, in the order in which they happened. */
export function eventsOf<Type extends RunEventType>(
  { events }: { readonly events: readonly RunEvent[] },
  ...types: readonly Type[]
): readonly EventOf<Type>[] {
  const key = types.join(' ')
  const ofRun = known.get(events) ?? new Map<string, readonly RunEvent[]>()
  known.set(events, ofRun)
  const wanted: readonly string[] = types
  const found = ofRun.get(key) ?? events.filter(({ type }) => wanted.includes(type))
  ofRun.set(key, found)
  return found as readonly EventOf<Type>[]
}

/** The object that an event is about; null for one that is about none. */
export function objectOf(event: RunEvent): string | null {
  return 'object' in event ? event.object : null
}
