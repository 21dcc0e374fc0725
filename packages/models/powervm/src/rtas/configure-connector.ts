// SPDX-License-Identifier: GPL-2.0-only
import { stringValue } from '../bytes.ts'
import { type FirmwareNode, namedProperties, placedNodes } from '../firmware-node.ts'
import type { FirmwareState } from '../state.ts'
import { areaArgument, type RtasArgument, WORK_AREA_SIZE } from './arguments.ts'
import { connectorState } from './drc.ts'
import { PARAMETER_ERROR } from './status.ts'

/** Statuses of ibm,configure-connector that return a piece or end the sequence. */
const COMPLETE = 0
const NEXT_SIBLING = 1
const NEXT_CHILD = 2
const NEXT_PROPERTY = 3
const PREVIOUS_PARENT = 4
/** The next piece does not fit the area. */
const MORE_MEMORY = 5
/** No such connector, or it is not usable. */
const NOT_CONFIGURABLE = -9003

/** Offsets in the area; all are words except the last two. */
const STEP = 4
const NAME_OFFSET = 8
const VALUE_LENGTH = 12
const VALUE_OFFSET = 16
const NAME = 0x100
const VALUE = 0x200

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
  const node = placedNodes(state.root).find((placed) => placed.node.drcIndex === drcIndex)?.node
  if (node === undefined || connectorState(state, drcIndex) !== 'unisolated') return [NOT_CONFIGURABLE]

  const count = view.getUint32(STEP)
  const step = stepsOf(state, node)[count]
  if (step === undefined) return [PARAMETER_ERROR]
  const name = step.name === undefined ? new Uint8Array() : stringValue(step.name)
  const value = step.value ?? new Uint8Array()
  if (name.length > VALUE - NAME || value.length > WORK_AREA_SIZE - VALUE) return [MORE_MEMORY]
  bytes.fill(0, STEP)
  view.setUint32(STEP, count + 1)
  if (step.name !== undefined) view.setUint32(NAME_OFFSET, NAME)
  bytes.set(name, NAME)
  if (step.value !== undefined) {
    view.setUint32(VALUE_LENGTH, value.length)
    view.setUint32(VALUE_OFFSET, VALUE)
    bytes.set(value, VALUE)
  }
  return [step.status]
}

function stepsOf(state: FirmwareState, top: FirmwareNode): Step[] {
  const { readd = 'hierarchy', nameProperty = true } = state.behaviour
  const steps: Step[] = []
  addNode(top, NEXT_CHILD)
  steps.push({ status: COMPLETE })
  return steps

  function addNode(node: FirmwareNode, status: number): void {
    const properties = nameProperty
      ? namedProperties(node)
      : node.properties.filter((property) => property.name !== 'name')
    const children = readd === 'hierarchy' ? node.children : []
    steps.push({ status, name: node.name })
    for (const { name, value } of properties) steps.push({ status: NEXT_PROPERTY, name, value })
    children.forEach((child, i) => {
      addNode(child, i === 0 ? NEXT_CHILD : NEXT_SIBLING)
    })
    if (children.length > 0) steps.push({ status: PREVIOUS_PARENT })
  }
}
