// SPDX-License-Identifier: GPL-2.0-only
import type { Evidence, EvidenceKind, EvidenceOf } from '@pfo-workbench/oracle'

type Phrases = { readonly [Kind in EvidenceKind]: (data: EvidenceOf<Kind>['data']) => string }

/** What each kind of evidence says; a call chain follows. */
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
  'node-detached': () => 'last taken out of the tree by',
  'device-node-detached': () => 'its node was detached by',
  'device-lost': ({ event }) => `last taken away by ${event}`,
  'driver-unbound': () => 'unbound by',
  'service-changed': ({ event }) => (event === 'service.register' ? 'registered by' : 'unregistered by'),
  'driver-bound': ({ driver }) => `driver ${driver} bound by`,
  'tree-changed': ({ path }) => `${path} changed by`,
  'callback-registered': () => 'put on the chain by',
  'callback-called': () => 'called by',
  'work-queued': () => 'queued by',
  'work-run': () => 'run by',
  allocated: ({ object }) => `${object} allocated by`,
  slept: () => 'sleeping function called from invalid context',
  'console-line': ({ line }) => line,
  'in-words': ({ text }) => text,
}

/** What a piece of evidence says. */
export function evidenceText({ kind, data }: Evidence): string {
  // The kind tells which data a phrase is for; the compiler cannot follow that through the table.
  const phrase = phrases[kind] as (data: Evidence['data']) => string
  return phrase(data)
}
