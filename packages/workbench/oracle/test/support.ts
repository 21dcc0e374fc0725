// SPDX-License-Identifier: GPL-2.0-only
import { linuxFacts } from '@pfo-workbench/run'
import type {
  EventOf,
  FirmwareChange,
  MemoryState,
  NodeState,
  RunEvent,
  RunEventType,
  RunRecord,
  Snapshot,
  VioDeviceState,
} from '@pfo-workbench/run'
import { chainOf, nodeState as node } from '@pfo-workbench/run/testing'
import { examine, oracles, type Finding, type Oracle } from '../src/index.ts'

export { chainOf, node }

/** A node after it was detached. */
export const detached = (object: string, state: Partial<NodeState> = {}): NodeState =>
  node(object, { inTree: false, flags: ['OF_DETACHED'], sysfs: null, ...state })

/** The same node after its last reference was dropped. */
export const released = (object: string): NodeState => detached(object, { refcount: 0, life: 'released' })

export const device = (
  name: string,
  at: string | null,
  driver: string | null = null,
  state: Partial<VioDeviceState> = {},
): VioDeviceState => ({
  object: `vio_dev-${name}`,
  device: name,
  driver,
  node: at,
  files: { name, devspec: `/${name}`, modalias: `vio:T${name}Sx`, of_node: `/devices/${name}` },
  enabled: true,
  complete: false,
  outdated: [],
  settings: null,
  ...state,
})

export const snapshot = (state: Partial<Snapshot> = {}): Snapshot => ({
  nodes: [],
  phandleCache: [],
  vio: [],
  firmware: [],
  ...state,
})

type Sketch<Event> = Event extends RunEvent ? Omit<Event, 'seq' | 'task'> & { readonly task?: string } : never

/** The fields of an event; `runOf` adds sequence numbers. */
export type EventSketch = Sketch<RunEvent>

/** An event of a type with the given fields; the test does not use the others. */
export const event = <Type extends RunEventType>(
  type: Type,
  fields: Partial<Omit<EventOf<Type>, 'type' | 'seq' | 'step'>>,
  step = 1,
): Sketch<EventOf<Type>> => ({ chain: [], ...fields, type, step }) as unknown as Sketch<EventOf<Type>>

/** A property of a node was replaced by a new one. */
export const updated = (object: string, property: string, step = 1): Sketch<EventOf<'node.property'>> =>
  event('node.property', { object, property, change: 'update', attached: false }, step)

/** `get('a', 'of_node_get < f')`: a reference on `a` was taken. The call chain has the innermost function first. */
export const get = (object: string, chain: string, step = 1): Sketch<EventOf<'ref.get'>> =>
  event('ref.get', { object, before: 1, after: 2, chain: chainOf(chain) }, step)

export const put = (object: string, chain: string, step = 1): Sketch<EventOf<'ref.put'>> =>
  event('ref.put', { object, before: 2, after: 1, chain: chainOf(chain) }, step)

/** A run with these states after boot and after each step, these events, and these firmware changes in step 1. */
export function runOf(
  states: readonly Partial<Snapshot>[],
  events: readonly EventSketch[] = [],
  console: readonly string[] = [],
  changes: readonly FirmwareChange[] = [],
): RunRecord {
  return {
    scenario: 'a-test',
    facts: linuxFacts,
    outcome: 'completed',
    unmodelled: null,
    assumed: [],
    steps: states.map((state, index) => ({
      index,
      step: null,
      result: { kind: 'boot', outcome: 'completed' },
      failure: null,
      changes: index === 1 ? changes : [],
      after: snapshot(state),
    })),
    events: events.map((sketch, seq): RunEvent => ({ task: 'init/1', ...sketch, seq })),
    console,
  }
}

/** The same run with the pointers in live memory at its end. */
export const withMemory = (run: RunRecord, memory: Partial<MemoryState>): RunRecord => ({
  ...run,
  memory: { unreachable: [], pointers: {}, ...memory },
})

/** Returns an oracle by its id. */
export function oracleOf(id: string): Oracle {
  const oracle = oracles.find((one) => one.id === id)
  if (oracle === undefined) throw new Error(`there is no oracle ${id}`)
  return oracle
}

/** The findings of one oracle for a run. */
export const findingsOf = (id: string, run: RunRecord): Finding[] => examine(run, [oracleOf(id)])

/** The findings of one oracle, without subject, step and count. */
export const saysOf = (id: string, run: RunRecord): Pick<Finding, 'subject' | 'kind' | 'data'>[] =>
  findingsOf(id, run).map(({ subject, kind, data }) => ({ subject, kind, data }))
