// SPDX-License-Identifier: GPL-2.0-only
import type { Finding, FindingKind, FindingOf } from '@pfo-workbench/oracle'

/** Replaces numbers such as addresses, process ids and line numbers by 0: they differ from run to run. */
function withoutNumbers(text: string): string {
  return text.replace(/\b(0x)?[0-9a-f]*\d[0-9a-f]*\b/g, '0')
}

/** Replaces the names of objects and the numbers in a console line. */
function withoutNames({ line, names }: FindingOf<'console-line'>['data']): string {
  return withoutNumbers(names.reduce((text, name) => text.replaceAll(name, '/'), line))
}

type Likenesses = { readonly [Kind in FindingKind]: (data: FindingOf<Kind>['data']) => readonly unknown[] }

/** For each kind of finding, the data that is equal if two findings say the same about different objects. */
const likenesses: Likenesses = {
  'task-killed': ({ reason, held }) => [withoutNumbers(reason), held],
  'waits-forever': ({ task, holder }) => [task, holder].map(withoutNumbers),
  'touched-after-free': ({ access, by, freedBy }) => [access, by, freedBy],
  'freed-again': ({ by, freedBy }) => [by, freedBy],
  'counter-fault': ({ fault }) => [fault],
  'bad-put': ({ attached }) => [attached],
  'stolen-reference': ({ dropper, owner }) => [dropper, owner],
  'node-not-held': () => [],
  'detached-node-returned': ({ finder, caller }) => [finder, caller],
  'reference-held': ({ state, holder }) => [state, holder],
  renamed: () => [],
  'not-created': () => [],
  'node-missing': () => [],
  'no-device': () => [],
  'driver-gone': ({ had }) => [had],
  'driver-not-bound': ({ module }) => [module],
  'driver-not-loadable': ({ module }) => [module],
  'node-detached': ({ state }) => [state],
  'node-freed': () => [],
  'service-missing': ({ driver }) => [driver],
  'service-without-driver': ({ driver }) => [driver],
  'not-notified': ({ change, calls }) => [change, calls],
  'notifier-called': ({ chain, owner, left }) => [chain, owner, left],
  'work-run': ({ queue, owner, left }) => [queue, owner, left],
  unreachable: ({ struct, by }) => [struct, by],
  'old-value-in-node': ({ driver }) => [driver],
  'old-value-in-driver': ({ driver }) => [driver],
  'old-value-in-tree': () => [],
  'new-value-in-detached-node': () => [],
  'changes-not-read': ({ calls }) => [calls === 0],
  'dangling-link': () => [],
  'file-changed': () => [],
  'driver-unbound': ({ boundAgain }) => [boundAgain],
  'may-sleep': ({ lock, holder }) => [lock, holder],
  'console-line': (data) => [withoutNames(data)],
  'in-words': ({ message }) => [withoutNumbers(message)],
}

/** Returns the same text for findings that say the same about different objects. */
export function likenessOf({ oracle, kind, data }: Finding): string {
  // `kind` decides the type of `data`, but the compiler cannot see that through the table.
  const likeness = likenesses[kind] as (data: Finding['data']) => readonly unknown[]
  return JSON.stringify([oracle, kind, ...likeness(data)])
}
