// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, functionsOf, type RunEvent, type RunRecord } from '@pfo-workbench/run'
import type { Finding } from '@pfo-workbench/oracle'
import { addNames } from '../names-by-key.ts'
import type { Writers } from './examined-schema.ts'

const ofService = (name: string): string => `service ${name}`
const ofCall = (name: string): string => `call ${name}`
const ofProperty = (name: string): string => `property ${name}`

/** The state that a finding reads if its evidence does not show who wrote it; null for other kinds. */
export function stateOf({ kind, subject }: Pick<Finding, 'kind' | 'subject'>): string | null {
  switch (kind) {
    case 'service-without-driver':
      return ofService(subject)
    case 'changes-not-read':
      return ofCall(subject)
    case 'old-value-in-node':
    case 'old-value-in-tree':
      return ofProperty(subject.slice(subject.lastIndexOf(' ') + 1))
    default:
      return null
  }
}

function writtenBy(event: RunEvent): string | null {
  switch (event.type) {
    case 'service.register':
    case 'service.unregister':
      return ofService(`${event.service} ${event.name}`)
    case 'rtas.call':
      return ofCall(event.service)
    case 'node.property':
      return ofProperty(event.property)
    default:
      return null
  }
}

/** Returns the functions that wrote each state of a run. */
export function writersOf(run: RunRecord): Writers[] {
  const written = new Map<string, Set<string>>()
  for (const event of eventsOf(run, 'service.register', 'service.unregister', 'rtas.call', 'node.property')) {
    const state = writtenBy(event)
    if (state !== null) addNames(written, state, functionsOf(event.chain))
  }
  return [...written].map(([state, functions]) => ({ state, functions: [...functions].sort() }))
}
