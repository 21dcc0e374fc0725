// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain, RunEvent } from '@pfo-workbench/run'
import { chainText } from './chain.ts'

/** Fields that all events have. */
const header: ReadonlySet<string> = new Set(['type', 'seq', 'step', 'task', 'chain'])

type Value = RunEvent[keyof RunEvent] | readonly string[] | CallChain | boolean | null

/** The fields that are specific to the event, as text. */
export function eventFields(event: RunEvent): [name: string, text: string][] {
  const fields = Object.entries(event) as [string, Value][]
  return fields.filter(([name]) => !header.has(name)).map(([name, value]) => [name, valueText(value)])
}

function valueText(value: Value): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return value.map((item) => (typeof item === 'string' ? item : chainText([item]))).join(' < ')
}
