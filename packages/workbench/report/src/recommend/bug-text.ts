// SPDX-License-Identifier: GPL-2.0-only
import type { Cell, JudgedFinding } from '@pfo-workbench/compare'
import type { FindingKind, FindingOf } from '@pfo-workbench/oracle'
import type { Bug } from './bugs.ts'

type Phrases = { readonly [Kind in FindingKind]?: (data: FindingOf<Kind>['data'], name: string) => string }

const at = (name: string): string => (name === '' ? '' : ` in ${name}`)

/** The effect of each kind of bug, in a few words. */
const phrases: Phrases = {
  'task-killed': (_data, name) => `Oops${at(name)}`,
  'waits-forever': (_data, name) => `deadlock${at(name)}`,
  'touched-after-free': ({ access, by }) => `${by} ${access}s freed memory`,
  'freed-again': ({ by }) => `${by} frees it again`,
  'counter-fault': ({ fault }, name) =>
    `counter ${fault === 'underflow' ? 'underflows' : 'goes wrong'}${at(name)}`,
  'bad-put': (_data, name) => `last reference dropped too early${at(name)}`,
  'stolen-reference': ({ dropper }) => `${dropper} drops a reference of others`,
  'detached-node-returned': ({ finder }) => `${finder} finds detached nodes`,
  'reference-held': ({ holder }) => `leaks references taken for ${holder}`,
  renamed: () => 'doubles names in sysfs',
  'not-created': () => 'creates what is there',
  'node-missing': () => 'loses nodes',
  'no-device': () => 'loses devices',
  'driver-gone': () => 'devices lose their drivers',
  'driver-not-bound': () => 'drivers do not bind again',
  'driver-not-loadable': () => 'drivers cannot be loaded',
  'node-detached': () => 'devices keep detached nodes',
  'node-freed': () => 'devices keep freed nodes',
  'old-value-in-node': () => 'drivers keep old values',
  'old-value-in-driver': () => 'drivers keep old values',
  'old-value-in-tree': () => 'nodes keep old values',
  'new-value-in-detached-node': () => 'updates detached nodes',
  'changes-not-read': () => 'does not read what a migration changed',
  'dangling-link': () => 'links lead nowhere',
  'file-changed': ({ now }) => `${now === '' ? 'empties' : 'changes'} files in sysfs`,
  'driver-unbound': () => 'unbinds drivers',
  'may-sleep': (_data, name) => `sleeps in atomic context${at(name)}`,
  'console-line': ({ line }) => `prints "${line}"`,
  'in-words': ({ message }) => message,
}

function phraseOf({ kind, data, oracle }: JudgedFinding, name: string): string {
  // `kind` decides the type of `data`, but the compiler cannot see that through the table.
  const phrase = phrases[kind] as ((data: JudgedFinding['data'], name: string) => string) | undefined
  return phrase === undefined ? `${oracle}${at(name)}` : phrase(data, name)
}

/** Circumstances that can hold in all cells of a bug and in no other cell of the variant. */
const circumstances: readonly (readonly [string, (cell: Cell) => boolean])[] = [
  ['if memory is short', ({ steps }) => steps.some(({ failure }) => failure !== null)],
  [
    'if firmware adds nodes one by one',
    ({ steps }) =>
      steps.some(({ step }) => step !== null && 'migrate' in step && step.migrate.readd === 'per-node'),
  ],
]

/** Describes in a few words what a bug does, and when: `Oops in strlen, if memory is short`. */
export function bugText({ finding, function: name, cells }: Bug, all: readonly Cell[]): string {
  const when = circumstances.find(
    ([, holds]) => cells.every(holds) && all.some((cell) => !holds(cell) && !cells.includes(cell)),
  )
  return `${phraseOf(finding, name)}${when === undefined ? '' : `, ${when[0]}`}`
}
