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

/** Cache of a run's events, by type or by several types separated by spaces: many oracles request the same events. */
type Groups = Map<string, readonly RunEvent[]>

const known = new WeakMap<readonly RunEvent[], Groups>()

function byType(events: readonly RunEvent[]): Groups {
  const groups = new Map<string, RunEvent[]>()
  for (const event of events) {
    const group = groups.get(event.type)
    if (group === undefined) groups.set(event.type, [event])
    else group.push(event)
  }
  return groups
}

function ofTypes(groups: Groups, types: readonly RunEventType[]): readonly RunEvent[] {
  const key = types.join(' ')
  let found = groups.get(key)
  if (found === undefined) {
    // The events of each type are in order already. Sorting merges those of several types.
    found = types.flatMap((type) => groups.get(type) ?? []).sort((a, b) => a.seq - b.seq)
    groups.set(key, found)
  }
  return found
}

/** Events of the given types, in order of occurrence. */
export function eventsOf<Type extends RunEventType>(
  { events }: { readonly events: readonly RunEvent[] },
  ...types: readonly Type[]
): readonly EventOf<Type>[] {
  const groups = known.get(events) ?? byType(events)
  known.set(events, groups)
  return ofTypes(groups, types) as readonly EventOf<Type>[]
}

/** Name of the object that the event is about; null if there is none. */
export function objectOf(event: RunEvent): string | null {
  return 'object' in event ? event.object : null
}
