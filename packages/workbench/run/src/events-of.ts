// SPDX-License-Identifier: GPL-2.0-only
// Apart from the schemas: programs in the sandbox use this, and have no use for a parser.
import type { EventOf, RunEvent, RunEventType } from './event.ts'

/** Whether an event is of one of these types. */
export function isOfType<Type extends RunEventType>(
  event: RunEvent,
  ...types: readonly Type[]
): event is EventOf<Type> {
  return (types as readonly RunEventType[]).includes(event.type)
}

/** The events of some types, in the order in which they happened. */
export function eventsOf<Type extends RunEventType>(
  { events }: { readonly events: readonly RunEvent[] },
  ...types: readonly Type[]
): EventOf<Type>[] {
  return events.filter((event) => isOfType(event, ...types))
}

/** The object that an event is about; null for one that is about none. */
export function objectOf(event: RunEvent): string | null {
  return 'object' in event ? event.object : null
}
