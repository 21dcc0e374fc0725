// SPDX-License-Identifier: GPL-2.0-only
// Separate from the schemas: programs in the sandbox import this file and do not need zod.
import type { EventOf, RunEvent, RunEventType } from './event.ts'

/** Cache of filtered events by requested types: many oracles request the same events of a run. */
const known = new WeakMap<readonly RunEvent[], Map<string, readonly RunEvent[]>>()

/** Events of the given types, in order of occurrence. */
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

/** Name of the object that the event is about; null if there is none. */
export function objectOf(event: RunEvent): string | null {
  return 'object' in event ? event.object : null
}
