// SPDX-License-Identifier: GPL-2.0-only
import type { Frame, RunEvent } from '@pfo-workbench/run'
import { chainText } from './chain.ts'

/** Fields that every event has. */
const header: ReadonlySet<string> = new Set(['type', 'seq', 'step', 'task', 'chain'])

/** The own fields of an event, by name, as text. */
export function eventFields(event: RunEvent): [name: string, text: string][] {
  return Object.entries(event)
    .filter(([name]) => !header.has(name))
    .map(([name, value]) => [name, valueText(value)])
}

function valueText(value: RunEvent[keyof RunEvent] | readonly string[] | null): string {
  if (!Array.isArray(value)) return String(value)
  const items = value as readonly (string | Frame)[]
  return items.map((item) => (typeof item === 'string' ? item : chainText([item]))).join(' < ')
}
