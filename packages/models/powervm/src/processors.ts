// SPDX-License-Identifier: GPL-2.0-only
import { cells, firstCell, viewOf } from './bytes.ts'
import {
  childPath,
  cloneNode,
  type FirmwareNode,
  HANDLE_PROPERTIES,
  nodeAt,
  type PlacedNode,
  propertyOf,
  removeProperty,
  setProperty,
} from './firmware-node.ts'
import { PartitionError } from './partition-error.ts'

/** Properties of a processor whose first cell is the hardware number of a thread. */
const NUMBER_PROPERTIES = ['reg', 'ibm,ppc-interrupt-server#s', 'ibm,ppc-interrupt-gserver#s'] as const

/**
 * Processors that firmware can add to the tree. Each is a copy of the last processor in the tree with its own
 * connector, which `/cpus` lists. Raises the number of possible processors in `/rtas`.
 *
 * @returns the nodes, not yet in the tree
 * @throws PartitionError for an invalid number, or if the tree has no processor with a connector
 */
export function makeSpareProcessors(root: FirmwareNode, count: number): PlacedNode[] {
  if (count === 0) return []
  const cpus = nodeAt(root, '/cpus')
  const model = cpus?.children.at(-1)
  const drcIndex = model === undefined ? undefined : firstCell(propertyOf(model, 'ibm,my-drc-index'))
  if (
    !Number.isInteger(count) ||
    count < 0 ||
    cpus === undefined ||
    model === undefined ||
    drcIndex === undefined
  ) {
    const wanted = 'an integer of at least 0, and a processor below /cpus with "ibm,my-drc-index"'
    throw new PartitionError(`spareProcessors is ${count}; expected ${wanted}`)
  }
  const first = firstCell(propertyOf(model, 'reg')) ?? 0
  const spare = Array.from({ length: count }, (_, index): PlacedNode => {
    const number = first + index + 1
    const node: FirmwareNode = {
      ...cloneNode(model, []),
      name: model.name.replace(/@.*$/, `@${number.toString(16)}`),
      drcIndex: drcIndex + index + 1,
    }
    for (const name of HANDLE_PROPERTIES) removeProperty(node, name)
    for (const name of NUMBER_PROPERTIES) renumber(node, name, number)
    setProperty(node, 'ibm,my-drc-index', cells([drcIndex + index + 1]))
    return { path: childPath('/cpus', node.name), node }
  })
  listConnectors(cpus, spare)
  allowProcessors(root, cpus.children.length + count)
  return spare
}

function renumber(node: FirmwareNode, name: string, number: number): void {
  const value = propertyOf(node, name)?.slice()
  if (value === undefined || value.length < 4) return
  viewOf(value).setUint32(0, number)
  setProperty(node, name, value)
}

/** Appends to the list of connectors. Its first cell is the count. */
function listConnectors(cpus: FirmwareNode, spare: readonly PlacedNode[]): void {
  const list = propertyOf(cpus, 'ibm,drc-indexes') ?? cells([0])
  const view = viewOf(list)
  const words = Array.from({ length: list.length >> 2 }, (_, index) => view.getUint32(index * 4))
  words[0] = (words[0] ?? 0) + spare.length
  setProperty(cpus, 'ibm,drc-indexes', cells([...words, ...spare.map(({ node }) => node.drcIndex ?? 0)]))
}

/** The last cell of "ibm,lrdr-capacity" is the maximum number of processors. */
function allowProcessors(root: FirmwareNode, maxProcessors: number): void {
  const rtas = nodeAt(root, '/rtas')
  const capacity = rtas === undefined ? undefined : propertyOf(rtas, 'ibm,lrdr-capacity')?.slice()
  if (rtas === undefined || capacity === undefined || capacity.length < 4) return
  viewOf(capacity).setUint32(capacity.length - 4, maxProcessors)
  setProperty(rtas, 'ibm,lrdr-capacity', capacity)
}
