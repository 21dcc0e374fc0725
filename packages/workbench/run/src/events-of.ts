// SPDX-License-Identifier: GPL-2.0-only
// Separate from the schemas: programs in the sandbox import this file and do not need zod.
import type { EventOf, RunEvent, RunEventType } from './event.ts'

/** Types of the events that count references on an object. */
export const referenceEventTypes = ['ref.get', 'ref.put', 'ref.release', 'ref.fault'] as const

/** Types of the events that a device or its driver causes. */
export const deviceEventTypes = [
  'device.register',
  'device.unregister',
  'device.release',
  'driver.bind',
  'driver.unbind',
  'driver.probe-failed',
] as const

/** Cache of the events of a run by type: many oracles request the same events. */
const known = new WeakMap<readonly RunEvent[], ReadonlyMap<string, readonly RunEvent[]>>()

function byType(events: readonly RunEvent[]): ReadonlyMap<string, readonly RunEvent[]> {
  const groups = new Map<string, RunEvent[]>()
  for (const event of events) {
    const group = groups.get(event.type)
    if (group === undefined) groups.set(event.type, [event])
    else group.push(event)
  }
  return groups
}

/** Events of the given types, in order of occurrence. */
export function eventsOf<Type extends RunEventType>(
  { events }: { readonly events: readonly RunEvent[] },
  ...types: readonly Type[]
): readonly EventOf<Type>[] {
  const groups = known.get(events) ?? byType(events)
  known.set(events, groups)
  const found = types.flatMap((type) => groups.get(type) ?? [])
  // The events of one type are in order already.
  if (types.length > 1) found.sort((a, b) => a.seq - b.seq)
  return found as readonly RunEvent[] as readonly EventOf<Type>[]
}

/** Name of the object that the event is about; null if there is none. */
export function objectOf(event: RunEvent): string | null {
  return 'object' in event ? event.object : null
}
