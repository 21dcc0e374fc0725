// SPDX-License-Identifier: GPL-2.0-only
import { stringValue } from '../bytes.ts'
import { type FirmwareNode, findNode, propertiesWithName, propertiesWithoutName } from '../firmware-node.ts'
import type { MigrationPlan } from '../plan.ts'
import type { FirmwareState } from '../state.ts'
import { areaArgument, type RtasArgument, WORK_AREA_SIZE } from './arguments.ts'
import { connectorState } from './drc.ts'
import { PARAMETER_ERROR } from './status.ts'

/** Statuses of ibm,configure-connector. */
const statuses = {
  complete: 0,
  nextSibling: 1,
  nextChild: 2,
  nextProperty: 3,
  previousParent: 4,
  /** The next piece does not fit the area. */
  moreMemory: 5,
  /** No such connector, or it is not usable. */
  notConfigurable: -9003,
} as const

/** Offsets in the area; all are words except the last two. */
const offsets = {
  step: 4,
  nameOffset: 8,
  valueLength: 12,
  valueOffset: 16,
  name: 0x100,
  value: 0x200,
} as const

/** One answer: its status, and a node name or a property with its value. */
interface Step {
  readonly status: number
  readonly name?: string
  readonly value?: Uint8Array
}

/**
 * `ibm,configure-connector`: (work area, extension page) -> status. Returns the nodes of the connector whose index is
 * in word 0, one piece per call: a node as child or sibling of the previous one, its properties, a step up, the end.
 * Word 1 of the area counts the pieces. Firmware keeps no other state, so calls for two connectors may alternate.
 */
export function configureConnector(state: FirmwareState, args: readonly RtasArgument[]): readonly number[] {
  const area = areaArgument(args[0])
  if (area === undefined) return [PARAMETER_ERROR]
  const { bytes, view } = area
  const drcIndex = view.getUint32(0)
  const node = findNode(state.root, (one) => one.drcIndex === drcIndex)
  if (node === undefined || connectorState(state, drcIndex) !== 'unisolated')
    return [statuses.notConfigurable]

  const count = view.getUint32(offsets.step)
  const step = stepOf(state.behaviour, node, count)
  if (step === undefined) return [PARAMETER_ERROR]
  const name = step.name === undefined ? new Uint8Array() : stringValue(step.name)
  const value = step.value ?? new Uint8Array()
  if (name.length > offsets.value - offsets.name || value.length > WORK_AREA_SIZE - offsets.value)
    return [statuses.moreMemory]
  bytes.fill(0, offsets.step)
  view.setUint32(offsets.step, count + 1)
  if (step.name !== undefined) view.setUint32(offsets.nameOffset, offsets.name)
  bytes.set(name, offsets.name)
  if (step.value !== undefined) {
    view.setUint32(offsets.valueLength, value.length)
    view.setUint32(offsets.valueOffset, offsets.value)
    bytes.set(value, offsets.value)
  }
  return [step.status]
}

/** One step of the answer, by its number; undefined after the last step. Does not create the other steps. */
function stepOf(behaviour: MigrationPlan, top: FirmwareNode, number: number): Step | undefined {
  const { readd = 'hierarchy', nameProperty = true } = behaviour
  /** Number of steps before the wanted one. */
  let left = number
  const step = inNode(top, statuses.nextChild)
  if (step !== undefined) return step
  return left === 0 ? { status: statuses.complete } : undefined

  function inNode(node: FirmwareNode, status: number): Step | undefined {
    if (left-- === 0) return { status, name: node.name }
    const properties = nameProperty ? propertiesWithName(node) : propertiesWithoutName(node)
    const property = properties[left]
    if (property !== undefined) return { status: statuses.nextProperty, ...property }
    left -= properties.length
    return readd === 'hierarchy' ? inChildren(node.children) : undefined
  }

  function inChildren(children: readonly FirmwareNode[]): Step | undefined {
    for (const [index, child] of children.entries()) {
      const step = inNode(child, index === 0 ? statuses.nextChild : statuses.nextSibling)
      if (step !== undefined) return step
    }
    return children.length > 0 && left-- === 0 ? { status: statuses.previousParent } : undefined
  }
}
