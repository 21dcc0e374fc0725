// SPDX-License-Identifier: GPL-2.0-only
import type {
  FirmwareChange,
  NodeState,
  RunEvent,
  RunRecord,
  Snapshot,
  VioDeviceState,
} from '@pfo-workbench/scenario'
import { examine, oracles, type Finding, type Oracle } from '../src/index.ts'

/** A node that is in the tree and has the one reference of its attachment, but for what is given. */
export const node = (object: string, state: Partial<NodeState> = {}): NodeState => ({
  object,
  path: '/x',
  generation: 0,
  life: 'allocated',
  refcount: 1,
  flags: [],
  phandle: 1,
  inTree: true,
  sysfs: 'x',
  ...state,
})

/** The same node after its detachment. */
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

/** What an event is made from; sequence numbers are given by `runOf`. */
export interface EventSketch {
  readonly type: string
  readonly step?: number
  readonly chain?: readonly string[]
  readonly [field: string]: unknown
}

/** `get('a', 'of_node_get < f')`: a reference on `a` was taken, innermost function first. */
export const get = (object: string, chain: string, step = 1): EventSketch => ({
  type: 'ref.get',
  object,
  step,
  chain: chain.split(' < '),
})

export const put = (object: string, chain: string, step = 1): EventSketch => ({
  ...get(object, chain, step),
  type: 'ref.put',
})

export const event = (
  type: string,
  fields: Readonly<Record<string, unknown>> = {},
  step = 1,
): EventSketch => ({
  ...fields,
  type,
  step,
})

/** A run with these states after its boot and its steps, with these events, and these changes of firmware in step 1. */
export function runOf(
  states: readonly Partial<Snapshot>[],
  events: readonly EventSketch[] = [],
  console: readonly string[] = [],
  changes: readonly FirmwareChange[] = [],
): RunRecord {
  return {
    scenario: 'a-test',
    outcome: 'completed',
    steps: states.map((state, index) => ({
      index,
      title: '',
      result: 'ok',
      changes: index === 1 ? changes : [],
      after: snapshot(state),
    })),
    events: events.map((sketch, seq): RunEvent => ({
      task: 'init/1',
      ...sketch,
      seq,
      step: sketch.step ?? 1,
      chain: sketch.chain ?? [],
    })),
    console,
  }
}

/** The oracle of an id. */
export function oracleOf(id: string): Oracle {
  const oracle = oracles.find((one) => one.id === id)
  if (oracle === undefined) throw new Error(`there is no oracle ${id}`)
  return oracle
}

/** What one oracle says of a run. */
export const findingsOf = (id: string, run: RunRecord): Finding[] => examine(run, [oracleOf(id)])

/** `subject: message` of what one oracle says of a run. */
export const saysOf = (id: string, run: RunRecord): string[] =>
  findingsOf(id, run).map(({ subject, message }) => `${subject}: ${message}`)
