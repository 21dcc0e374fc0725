// SPDX-License-Identifier: GPL-2.0-only
import type { Finding, FindingKind, FindingOf } from '@pfo-workbench/oracle'
import { departureTexts, treeChanges } from './tree-changes.ts'

/** ` (3 times)`; empty for a count of 1. */
function times(count: number): string {
  return count === 1 ? '' : ` (${String(count)} times)`
}

/** `a reference`, `2 references`. */
function references(count: number): string {
  return count === 1 ? 'a reference' : `${String(count)} references`
}

const counterFaults: Readonly<Record<FindingOf<'counter-fault'>['data']['fault'], string>> = {
  'increment-on-0': 'a reference was taken after the last one was dropped',
  'addition-on-0': 'references were added after the last one was dropped',
  underflow: 'a reference was dropped after the last one',
  saturated: 'the counter saturated',
  'decrement-hit-0': 'the counter reached 0 in a plain decrement',
}

const leakStates = {
  detached: 'detached',
  'never-attached': 'never attached',
  attached: 'attached',
  registered: 'registered',
  unregistered: 'unregistered',
} as const

const refersTo = ({ data: { node, state, driver } }: FindingOf<'node-detached' | 'node-freed'>): string =>
  `refers to ${node}, which is ${state}; driver ${driver ?? 'none'}`

/** The atomic context of a sleep: the lock, and the function that took it if known. */
function contextOf({ lock, holder }: FindingOf<'may-sleep'>['data']): string {
  if (lock === '') return 'with interrupts off'
  return holder === null ? `under ${lock}` : `under ${lock}, taken by ${holder}`
}

type Sentences = { readonly [Kind in FindingKind]: (finding: FindingOf<Kind>, count: number) => string }

/** Sentence of each kind of finding. */
const sentences: Sentences = {
  'task-killed': ({ data: { reason, held } }, count) =>
    `${reason}${held.length === 0 ? '' : `; it held ${held.join(', ')}`}${times(count)}`,
  'waits-forever': ({ data: { task, holder } }) => `${task} waits forever; held by ${holder}`,
  'touched-after-free': ({ data: { access, by, freedBy } }, count) =>
    `${access === 'read' ? 'read' : 'written'} by ${by} after ${freedBy} freed it${times(count)}`,
  'freed-again': ({ data: { by, freedBy } }, count) =>
    `freed again by ${by} after ${freedBy} freed it${times(count)}`,
  'counter-fault': ({ data: { fault } }, count) => `${counterFaults[fault]}${times(count)}`,
  'bad-put': ({ data: { attached } }, count) =>
    `the last reference was dropped ${attached ? 'while the node was attached' : 'although the node was never attached'}${times(count)}`,
  'stolen-reference': ({ data: { dropper, owner } }, count) =>
    `${dropper} dropped a reference that belongs to ${owner}${times(count)}`,
  'node-not-held': ({ data: { device } }) =>
    `device ${device} refers to it, but its registration left no reference on it`,
  'detached-node-returned': ({ data: { finder, caller } }, count) =>
    `${finder} returned it to ${caller} after it was detached${times(count)}`,
  'reference-held': ({ data: { state, holder, references: all } }, count) =>
    `${leakStates[state]}, with ${references(count)} taken for ${holder} and not dropped (${String(all)} in all)`,
  renamed: ({ data: { wanted, used } }, count) =>
    `"${wanted}" was taken, renamed to "${used}"${times(count)}`,
  'not-created': (_finding, count) => `already exists, not created again${times(count)}`,
  'node-missing': () => 'firmware has this node, the live tree does not',
  'no-device': () => 'firmware offers it, but there is no vio device',
  'driver-gone': ({ data: { had } }) => `firmware offers it, but it lost its driver ${had}`,
  'driver-not-bound': ({ data: { module } }) =>
    `firmware offers it, but no driver is bound although ${module} is loaded`,
  'driver-not-loadable': ({ data: { module } }) =>
    `firmware offers it, but no driver is bound: ${module} cannot be loaded`,
  'node-detached': refersTo,
  'node-freed': refersTo,
  'service-missing': ({ data: { driver } }) => `driver ${driver} is bound but does not offer it`,
  'service-without-driver': ({ data: { driver } }) => `exists although driver ${driver} is not bound`,
  'not-notified': ({ data: { change, calls } }, count) =>
    `${treeChanges[change]}, and the reconfig chain was ${calls === 0 ? 'not called' : `called ${String(calls)} times`}${times(count)}`,
  'notifier-called': ({ data: { chain, owner, left } }, count) =>
    `called by ${chain}, registered by ${owner}, ${departureTexts[left]}${times(count)}`,
  'work-run': ({ data: { queue, owner, left } }, count) =>
    `run by the queue ${queue}, queued by ${owner}, ${departureTexts[left]}${times(count)}`,
  unreachable: (_finding, count) =>
    count === 1 ? 'nothing points to it any more' : `nothing points to ${String(count)} of them any more`,
  'old-value-in-node': ({ data: { driver } }) =>
    `firmware changed it; the node that ${driver} uses still has the old value`,
  'old-value-in-driver': ({ data: { driver } }) =>
    `firmware changed it; ${driver} still uses data derived from the old value`,
  'old-value-in-tree': () => 'firmware changed it; the node in the tree still has the old value',
  'new-value-in-detached-node': () =>
    'firmware changed it; this detached node got the new value, the node in the tree still has the old one',
  'changes-not-read': ({ data: { calls } }, count) =>
    `the kernel ${calls === 0 ? 'did not ask firmware for the changes of a migration' : 'stopped before it had read all changes of a migration'}${times(count)}`,
  'dangling-link': () => 'the target of the link does not exist',
  'file-changed': ({ data: { before, now } }) =>
    `contains ${JSON.stringify(now)}; contained ${JSON.stringify(before)} when the device was registered`,
  'driver-unbound': ({ data: { driver, boundAgain } }, count) =>
    `driver ${driver} was unbound${times(count)}, and ${boundAgain ? 'bound again' : 'not bound again'}; firmware still offers the facility`,
  'may-sleep': ({ data }, count) => `may sleep, called ${contextOf(data)}${times(count)}`,
  'console-line': ({ data: { line } }, count) => `${line}${times(count)}`,
  'in-words': ({ data: { message } }) => message,
}

/**
 * Describes a finding in one sentence.
 *
 * @param count - number of occurrences; differs from the `count` of the finding only for a surplus
 */
export function findingText(finding: Finding, count: number = finding.count): string {
  // `kind` decides the type of the finding, but the compiler cannot see that through the table.
  const sentence = sentences[finding.kind] as (finding: Finding, count: number) => string
  return sentence(finding, count)
}
