// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type RunRecord, type StepRecord } from '@pfo-workbench/run'
import type { ChangeKind } from './change.ts'
import { consoleLines } from './console-lines.ts'
import { resultsOf } from './results.ts'
import type { Observation, Observed } from '../play/examined-schema.ts'

type Values = Map<string, Pick<Observation, 'kind' | 'subject' | 'value'>>

const keyOf = (kind: ChangeKind, subject: string): string => `${kind} ${subject}`

/** The visible state after a step. */
function stateAfter({ after }: StepRecord, services: ReadonlySet<string>): Values {
  const values: Values = new Map()
  const add = (kind: ChangeKind, subject: string, value: string): void => {
    values.set(keyOf(kind, subject), { kind, subject, value })
  }
  for (const { path, content } of after.files ?? []) add('file', path, content)
  for (const { device, driver } of after.vio)
    add('device', device, driver === null ? 'without a driver' : `bound to ${driver}`)
  for (const { path, inTree } of after.nodes) if (inTree) add('node', path, 'in the tree')
  for (const service of services) add('service', service, 'registered')
  return values
}

/** The services registered after each step. */
function servicesByStep(run: RunRecord): Set<string>[] {
  const registered = new Map<string, number>()
  const events = eventsOf(run, 'service.register', 'service.unregister')
  return run.steps.map(({ index }) => {
    for (const { step, type, service, name } of events) {
      if (step !== index) continue
      const key = `${service} ${name}`
      registered.set(key, (registered.get(key) ?? 0) + (type === 'service.register' ? 1 : -1))
    }
    return new Set([...registered].flatMap(([key, times]) => (times > 0 ? [key] : [])))
  })
}

/** The states of a run, each at the step where it begins. */
function statesOf(run: RunRecord): Observation[] {
  const services = servicesByStep(run)
  let before: Values = new Map()
  return run.steps.flatMap((step, at) => {
    const now = stateAfter(step, services[at] ?? new Set())
    const begun = [...now].flatMap(([key, one]): Observation[] =>
      before.get(key)?.value === one.value ? [] : [{ ...one, step: step.index }],
    )
    const ended = [...before].flatMap(([key, { kind, subject }]): Observation[] =>
      now.has(key) ? [] : [{ kind, subject, step: step.index, value: '' }],
    )
    before = now
    return [...begun, ...ended]
  })
}

function happeningsOf(run: RunRecord): Observation[] {
  const all = new Map<string, Observation>()
  const add = (kind: ChangeKind, subject: string, step: number, value: string, report?: string): void => {
    const key = `${String(step)} ${keyOf(kind, subject)} ${value}`
    all.set(key, { kind, subject, step, value, ...(report === undefined ? {} : { report }) })
  }
  for (const { index, step, result } of run.steps)
    for (const { call, value } of resultsOf(step, result)) add('result', call, index, value)
  for (const { step, action, device, env } of eventsOf(run, 'uevent'))
    add('uevent', `${action} ${device}`, step, env.join('\n') || 'sent')
  for (const { step, head, callback, action, result } of eventsOf(run, 'notifier.call'))
    add('notification', `${head} action ${String(action)}`, step, `${callback} answered ${String(result)}`)
  for (const { step, line, report } of consoleLines(run)) add('console', line, step, 'printed', report)
  return [...all.values()]
}

/** Returns everything that a user can see of a run. Leaves out counts, sequence numbers and allocation order. */
export function observe(run: RunRecord): Observed {
  return { states: statesOf(run), happenings: happeningsOf(run) }
}
