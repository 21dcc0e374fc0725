// SPDX-License-Identifier: GPL-2.0-only
import { subjectsOf } from '@pfo-workbench/oracle'
import {
  callersOf,
  deviceEventTypes,
  holderOf,
  referenceEventTypes,
  type RunEvent,
  type RunRecord,
} from '@pfo-workbench/run'
import { structuredPatch } from 'diff'
import type { NamedRun } from './named-run.ts'
import { printable } from './printable.ts'
import { wrapped } from './text/lines.ts'
import { chainText } from './view/chain.ts'
import { eventFields } from './view/events.ts'
import { stepResult, stepTitle } from './view/steps.ts'

/** Number of functions of a call chain that are shown and compared. */
const shownFunctions = 2

/**
 * True for events that add nothing: the console has a section of its own, and byte buffers are allocated and freed with
 * their owner.
 */
const isNoise = (event: RunEvent): boolean =>
  event.type === 'printk' || ('struct' in event && event.struct === 'bytes')

function eventLine({ facts }: RunRecord, event: RunEvent, nameOf: (object: string) => string): string {
  const fields = eventFields(event)
    // The count after the event already shows the change.
    .filter(([name]) => name !== 'before')
    .map(([name, text]) => {
      if (name === 'object') return nameOf(text)
      return `${name}=${name === 'parent' ? nameOf(text) : text}`
    })
  const callers = callersOf(facts, event.chain).slice(0, shownFunctions)
  const by = callers.length === 0 ? '' : ` by ${chainText(callers)}`
  return printable(`${event.type} ${fields.join(' ')}${by}`)
}

/**
 * Types of events that all engines record in the same way: those of nodes and devices, calls of notifiers, and failures
 * of the kernel.
 */
const sameInEngines: readonly RunEvent['type'][] = [
  ...referenceEventTypes,
  'node.attach',
  'node.detach',
  'notifier.call',
  ...deviceEventTypes,
  'use-after-free',
  'double-free',
  'oops',
  'hang',
  'warn',
]

/** True for events that can be compared between engines. Only nodes and devices have the same names in all engines. */
const isOfBoth = (event: RunEvent): boolean =>
  sameInEngines.includes(event.type) &&
  (!('object' in event) || /^(?:device_node|vio_dev)#/.test(event.object))

function coarseLine(run: RunRecord, event: RunEvent, nameOf: (object: string) => string): string {
  if (event.type === 'notifier.call') return printable(`${event.type} ${event.callback}`)
  const subject = 'object' in event ? ` ${nameOf(event.object)}` : ''
  return printable(`${event.type}${subject} by ${holderOf(run.facts, event.chain)}`)
}

/** Renders a run as one line per step or event. Equal events give equal lines. */
function linesOf(run: RunRecord, ofEngines: boolean): string[] {
  const nameOf = subjectsOf(run)
  const isShown = (event: RunEvent): boolean => (ofEngines ? isOfBoth(event) : !isNoise(event))
  const lineOf = ofEngines ? coarseLine : eventLine
  // Engines boot differently, so the boot is not compared.
  const steps = ofEngines ? run.steps.slice(1) : run.steps
  return steps.flatMap((step) => [
    printable(`step ${String(step.index)}: ${stepTitle(step.step)} -> ${stepResult(step)}`),
    ...run.events
      .filter((event) => event.step === step.index && isShown(event))
      .map((event) => lineOf(run, event, nameOf)),
  ])
}

function hunks(a: readonly string[], b: readonly string[], headingOf: (line: number) => string): string[] {
  const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
  const patch = structuredPatch('', '', text(a), text(b), '', '', { context: 2 })
  return patch.hunks.flatMap(({ oldStart, lines }) => {
    const heading = headingOf(oldStart - 1)
    return [
      '',
      ...(heading === '' ? [] : [wrapped('@ ', heading)]),
      ...lines
        .filter((line) => !line.startsWith('\\'))
        .map((line) => wrapped(`${line.slice(0, 1)} `, line.slice(1))),
    ]
  })
}

const countOf = (lines: readonly string[], sign: string): number =>
  lines.filter((line) => line.startsWith(`${sign} `)).length

/**
 * Compares two runs of a scenario: shows the steps, events and console lines that only one run has, with two lines of
 * context.
 *
 * @param ofEngines - the runs come from different engines: leaves out the boot and all events that the engines record
 * differently
 */
export function toDiffText(scenario: string, a: NamedRun, b: NamedRun, ofEngines = false): string {
  const [left, right] = [linesOf(a.run, ofEngines), linesOf(b.run, ofEngines)]
  const stepAt = (line: number): string =>
    left.slice(0, Math.max(0, line)).findLast((one) => /^step \d+: /.test(one)) ?? ''
  const events = hunks(left, right, stepAt)
  const console = hunks(a.run.console.map(printable), b.run.console.map(printable), () => '')
  const [gone, come] = [countOf(events, '-'), countOf(events, '+')]
  return [
    wrapped('- ', `${a.name} ends in ${a.run.outcome}: ${String(left.length)} lines`),
    wrapped('+ ', `${b.name} ends in ${b.run.outcome}: ${String(right.length)} lines`),
    wrapped(
      '',
      gone + come === 0
        ? `The same happens in ${scenario}.`
        : `In ${scenario} ${String(gone)} steps and events are only in the first, ${String(come)} only in the second.`,
    ),
    ...events,
    '',
    console.length === 0 ? 'console: the same' : 'console:',
    ...console,
    '',
  ].join('\n')
}
