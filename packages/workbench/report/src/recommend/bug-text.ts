// SPDX-License-Identifier: GPL-2.0-only
import type { Cell, JudgedFinding } from '@pfo-workbench/compare'
import type { FindingKind, FindingOf } from '@pfo-workbench/oracle'
import type { Bug } from './bugs.ts'

type Phrase<Kind extends FindingKind> = (
  data: FindingOf<Kind>['data'],
  name: string,
  subject: string,
) => string

type Phrases = { readonly [Kind in FindingKind]?: Phrase<Kind> }

const at = (name: string): string => (name === '' ? '' : ` in ${name}`)

const counterFaults: Readonly<Record<FindingOf<'counter-fault'>['data']['fault'], string>> = {
  'increment-on-0': 'refcount increment on 0',
  'addition-on-0': 'refcount addition on 0',
  underflow: 'refcount underflow',
  saturated: 'refcount saturates',
  'decrement-hit-0': 'refcount decrement hits 0',
}

/** Names the freed object by its subject: `/a[1]` is a node, `device a[0]` a device. Other subjects are just memory. */
function freedObject(subject: string): string {
  if (subject.startsWith('/')) return 'a freed node'
  const [, type] = /^([a-z]+) /.exec(subject) ?? []
  return type === undefined ? 'freed memory' : `a freed ${type}`
}

/** The effect of each kind of bug, in a few words. Kinds without an entry are named by their oracle. */
const phrases: Phrases = {
  'task-killed': (_data, name) => `Oops${at(name)}`,
  'waits-forever': (_data, _name, lock) => `deadlock on ${lock}`,
  'touched-after-free': ({ access, by }, _name, subject) => `${by} ${access}s ${freedObject(subject)}`,
  'freed-again': ({ by }, _name, subject) => `${by} frees ${freedObject(subject)} again`,
  'counter-fault': ({ fault }, name) => `${counterFaults[fault]}${at(name)}`,
  'bad-put': (_data, name) => `last reference dropped too early${at(name)}`,
  'stolen-reference': ({ dropper }) => `${dropper} drops a reference that it does not own`,
  'node-not-held': () => 'vio devices hold no reference on their nodes',
  'detached-node-returned': ({ finder }) => `${finder} returns detached nodes`,
  'reference-held': ({ holder }) => `leaks references taken for ${holder}`,
  renamed: () => 'duplicate names in sysfs',
  'not-created': () => 'registers names that sysfs already has',
  'node-missing': () => 'loses device-tree nodes',
  'no-device': () => 'loses vio devices',
  'driver-gone': () => 'vio devices lose their drivers',
  'driver-not-bound': () => 'drivers do not bind again',
  'driver-not-loadable': () => 'drivers cannot be loaded',
  'node-detached': () => 'vio devices keep detached nodes',
  'node-freed': () => 'vio devices keep freed nodes',
  'old-value-in-node': () => 'drivers keep old property values',
  'old-value-in-driver': () => 'drivers keep old property values',
  'old-value-in-tree': () => 'nodes keep old property values',
  'new-value-in-detached-node': () => 'updates detached nodes',
  'changes-not-read': () => 'does not read what a migration changed',
  'dangling-link': () => 'leaves dangling links in sysfs',
  'file-changed': ({ now }, _name, file) =>
    `${now === '' ? 'empties' : 'changes'} sysfs files such as ${file.slice(file.lastIndexOf('/') + 1)}`,
  'driver-unbound': () => 'unbinds drivers',
  'may-sleep': ({ lock }) => (lock === '' ? 'sleeps with interrupts off' : `sleeps under ${lock}`),
  'console-line': ({ line }) => `prints "${line}"`,
  'in-words': ({ message }) => message,
}

function phraseOf({ kind, data, oracle, subject }: JudgedFinding, name: string): string {
  // `kind` decides the type of `data`, but the compiler cannot see that through the table.
  const phrase = phrases[kind] as ((...of: [JudgedFinding['data'], string, string]) => string) | undefined
  return phrase === undefined ? `${oracle}${at(name)}` : phrase(data, name, subject)
}

/**
 * Describes a circumstance of a run; null if the run does not have it. Runs in the same circumstance have the same
 * text.
 */
type Circumstance = (cell: Cell) => string | null

/**
 * The function whose allocation the scenario makes fail; empty if the scenario names no function, null if it makes no
 * allocation fail.
 */
function failingFunction({ steps }: Cell): string | null {
  if (!steps.some(({ failure }) => failure !== null)) return null
  const step = steps.find(({ step }) => step !== null && 'fail' in step)?.step
  return step !== null && step !== undefined && 'fail' in step ? (step.fail.in ?? '') : ''
}

/** Circumstances that may explain in which scenarios a bug shows; the most exact first. */
const circumstances: readonly Circumstance[] = [
  (cell) => {
    const name = failingFunction(cell)
    return name === null || name === '' ? null : `if an allocation in ${name} fails`
  },
  (cell) => (failingFunction(cell) === null ? null : 'if memory is short'),
  ({ steps }) =>
    steps.some(({ step }) => step !== null && 'migrate' in step && step.migrate.readd === 'per-node')
      ? 'if firmware adds nodes one by one'
      : null,
]

/**
 * The most exact circumstance that all cells of a bug share and that some other cell does not have; undefined if there
 * is none.
 */
function circumstanceOf({ cells }: Bug, all: readonly Cell[]): string | undefined {
  return (
    circumstances
      .map((circumstance) => {
        const [text = null, ...others] = new Set(cells.map(circumstance))
        const tells = all.some((cell) => !cells.includes(cell) && circumstance(cell) !== text)
        return others.length === 0 && tells ? text : null
      })
      .find((text) => text !== null) ?? undefined
  )
}

/**
 * Describes in a few words what a bug does, and when: `Oops in strlen, if memory is short`.
 *
 * @param all - all cells of the variant; without other cells than those of the bug, the text does not say when
 */
export function bugText(bug: Bug, all: readonly Cell[]): string {
  const when = circumstanceOf(bug, all)
  return `${phraseOf(bug.finding, bug.function)}${when === undefined ? '' : `, ${when}`}`
}
