// SPDX-License-Identifier: GPL-2.0-only
import { subjectsOf } from '@pfo-workbench/oracle'
import { callersOf, holderOf, type RunEvent, type RunRecord } from '@pfo-workbench/run'
import { structuredPatch } from 'diff'
import type { NamedRun } from './named-run.ts'
import { printable } from './printable.ts'
import { wrapped } from './text/lines.ts'
import { chainText } from './view/chain.ts'
import { eventFields } from './view/events.ts'
import { stepResult, stepTitle } from './view/steps.ts'

/** How many functions of a call chain tell events apart and are shown. */
const shownFunctions = 2

/** What says nothing by itself: lines of the console are shown apart, and bytes come and go with what they belong to. */
const isNoise = (event: RunEvent): boolean =>
  event.type === 'printk' || ('struct' in event && event.struct === 'bytes')

function eventLine({ facts }: RunRecord, event: RunEvent, nameOf: (object: string) => string): string {
  const fields = eventFields(event)
    // The count afterwards says the same.
    .filter(([name]) => name !== 'before')
    .map(([name, text]) => {
      if (name === 'object') return nameOf(text)
      return `${name}=${name === 'parent' ? nameOf(text) : text}`
    })
  const callers = callersOf(facts, event.chain).slice(0, shownFunctions)
  const by = callers.length === 0 ? '' : ` by ${chainText(callers)}`
  return printable(`${event.type} ${fields.join(' ')}${by}`)
}

/** What happens to nodes and devices: engines tell it in the same way, with the function that it was for. */
const sameInEngines: readonly RunEvent['type'][] = [
  'ref.get',
  'ref.put',
  'ref.release',
  'ref.fault',
  'node.attach',
  'node.detach',
  'notifier.call',
  'device.register',
  'device.unregister',
  'device.release',
  'driver.bind',
  'driver.unbind',
  'driver.probe-failed',
  'use-after-free',
  'double-free',
  'oops',
  'hang',
  'warn',
]

/** Other objects than nodes and devices have numbers of their own in each engine. */
const isOfBoth = (event: RunEvent): boolean =>
  sameInEngines.includes(event.type) &&
  (!('object' in event) || /^(?:device_node|vio_dev)#/.test(event.object))

function coarseLine(run: RunRecord, event: RunEvent, nameOf: (object: string) => string): string {
  if (event.type === 'notifier.call') return printable(`${event.type} ${event.callback}`)
  const subject = 'object' in event ? ` ${nameOf(event.object)}` : ''
  return printable(`${event.type}${subject} by ${holderOf(run.facts, event.chain)}`)
}

/** A run as lines that are the same where the same happened. */
function linesOf(run: RunRecord, ofEngines: boolean): string[] {
  const nameOf = subjectsOf(run)
  const isShown = (event: RunEvent): boolean => (ofEngines ? isOfBoth(event) : !isNoise(event))
  const lineOf = ofEngines ? coarseLine : eventLine
  // Each engine boots in its own way.
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
 * Two runs of a scenario: what happened only in one of them, with a little of what happened around it in both.
 *
 * @param ofEngines - the runs are of different engines: the boot, and what is not told in the same way by both, is left out
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
