// SPDX-License-Identifier: GPL-2.0-only
import { bootMachine, type BootOptions, type Machine, type Subsystem } from '@pfo-workbench/kernel'
import { consoleOf as consoleWhile, run } from '@pfo-workbench/kernel/testing'
import {
  of_attach_node,
  of_find_node_by_path,
  of_node_put,
  ofCore,
  type device_node,
} from '@pfo-workbench/of'
import { newNode } from '@pfo-workbench/of/testing'

export { must, run, runToDeath } from '@pfo-workbench/kernel/testing'
export { detachNode, newProperty, nodeAt, refcountOf } from '@pfo-workbench/of/testing'

/** Structure block of a tree with an empty root: begin node, empty name, end node, end. */
const structure = [1, 0, 2, 9]
/** After the header: an empty memory reservation block, the structure block, an empty strings block. */
const structureStart = 40 + 16
const stringsStart = structureStart + structure.length * 4
const header = {
  magic: 0xd00dfeed,
  totalsize: stringsStart,
  off_dt_struct: structureStart,
  off_dt_strings: stringsStart,
  off_mem_rsvmap: 40,
  version: 17,
  last_comp_version: 16,
  boot_cpuid_phys: 0,
  size_dt_strings: 0,
  size_dt_struct: structure.length * 4,
}
const rootOnly = words([...Object.values(header), 0, 0, 0, 0, ...structure])

/** Returns a property value made of 32-bit cells, big-endian by default. */
export function words(values: readonly number[], littleEndian = false): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  values.forEach((value, index) => {
    view.setUint32(index * 4, value, littleEndian)
  })
  return bytes
}

/** Properties of a node by name; strings get a terminator. */
export type Properties = Readonly<Record<string, string | Uint8Array>>

/** Attaches a node like the DLPAR code, then drops the reference on its parent. */
export function addNode(path: string, properties: Properties, flags: { dynamic: boolean }): device_node {
  const slash = path.lastIndexOf('/')
  const np = newNode(path.slice(slash + 1), properties, flags)
  np.parent = of_find_node_by_path(slash === 0 ? '/' : path.slice(0, slash))
  of_attach_node(np)
  of_node_put(np.parent)
  return np
}

export const FACILITIES = '/ibm,platform-facilities'
export const RANDOM: string = `${FACILITIES}/ibm,random-v1`
export const COMPRESSION: string = `${FACILITIES}/ibm,compression-v1`
export const SYM_ENCRYPTION: string = `${FACILITIES}/ibm,sym-encryption-v1`

/** Properties with some changes; undefined removes one. */
export function withChanges(
  properties: Properties,
  changes: Readonly<Record<string, string | Uint8Array | undefined>>,
): Properties {
  const merged = Object.entries({ ...properties, ...changes })
  return Object.fromEntries(
    merged.filter((entry): entry is [string, string | Uint8Array] => entry[1] !== undefined),
  )
}

export interface TreeOptions extends Partial<BootOptions> {
  /** True if the nodes are allocated from the heap, like nodes that firmware adds later. */
  readonly dynamic?: boolean
}

/**
 * Boots a machine whose tree has these nodes before its subsystems (other than the OF core) start.
 *
 * @param nodes - by path, parents first
 * @throws Error if the machine does not boot
 */
export function bootTree(nodes: Readonly<Record<string, Properties>>, options: TreeOptions = {}): Machine {
  const { dynamic = false, subsystems = [], ...rest } = options
  const fn = (): void => {
    for (const [path, properties] of Object.entries(nodes)) addNode(path, properties, { dynamic })
  }
  const tree: Subsystem = { name: 'tree of the test', initcalls: [{ level: 'early', fn }] }
  const machine = bootMachine({ devicetree: rootOnly, subsystems: [ofCore, tree, ...subsystems], ...rest })
  if (machine.outcome !== 'completed') throw new Error(`the machine does not boot: ${machine.outcome}`)
  return machine
}

/** Console output while `body` runs as a task. */
export function consoleOf(machine: Machine, body: () => void): string[] {
  return consoleWhile(machine, () => run(machine, body))
}

/**
 * Returns the kernel functions in the call chain of an event, innermost first, without the functions that count
 * references and without `__of_get_next_child`. Empty for undefined.
 */
export function callers(
  event: { readonly chain: readonly { readonly function: string }[] } | undefined,
): string[] {
  const own = /^((kobject|refcount)_.*|of_node_(get|put)|__of_get_next_child)$/
  return (event?.chain ?? []).map((frame) => frame.function).filter((name) => !own.test(name))
}
