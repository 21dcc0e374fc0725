// SPDX-License-Identifier: GPL-2.0-only
import type { Evidence, EvidenceKind, EvidenceOf } from '@pfo-workbench/oracle'

type Phrases = { readonly [Kind in EvidenceKind]: (data: EvidenceOf<Kind>['data']) => string }

/** Text of each kind of evidence. A call chain follows it. */
const phrases: Phrases = {
  'task-killed': ({ reason }) => reason,
  waited: ({ lock }) => `waits for ${lock}`,
  touched: ({ access, struct, field }) => `${access} of ${struct}.${field}`,
  'freed-again': () => 'freed a second time',
  'counter-fault': ({ fault }) => fault,
  'bad-put': ({ path }) => `OF: ERROR: Bad of_node_put() on ${path}`,
  taken: ({ holder }) => `taken for ${holder}`,
  dropped: ({ holder }) => `dropped for ${holder}`,
  stolen: ({ dropper }) => `${dropper} dropped a reference that was not its own`,
  'looked-up': ({ caller }) => `looked up for ${caller}`,
  renamed: ({ wanted }) => `wanted "${wanted}"`,
  'not-created': () => 'creation refused',
  'node-detached': () => 'last detached by',
  'device-node-detached': () => 'its node was detached by',
  'device-lost': ({ event }) => (event === 'driver.unbind' ? 'last unbound by' : 'last unregistered by'),
  'driver-unbound': () => 'unbound by',
  'device-registered': () => 'registered by',
  'service-changed': ({ event }) => (event === 'service.register' ? 'registered by' : 'unregistered by'),
  'driver-bound': ({ driver }) => `driver ${driver} bound by`,
  'tree-changed': ({ path }) => `${path} changed by`,
  'callback-registered': () => 'registered by',
  'callback-called': () => 'called by',
  'work-queued': () => 'queued by',
  'work-run': () => 'run by',
  allocated: ({ object }) => `${object} allocated by`,
  slept: () => 'sleeping function called from invalid context',
  'console-line': ({ line }) => line,
  'in-words': ({ text }) => text,
}

/** Describes a piece of evidence. */
export function evidenceText({ kind, data }: Evidence): string {
  // `kind` decides the type of `data`, but the compiler cannot see that through the table.
  const phrase = phrases[kind] as (data: Evidence['data']) => string
  return phrase(data)
}
