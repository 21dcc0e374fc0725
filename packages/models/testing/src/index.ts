// SPDX-License-Identifier: GPL-2.0-only
import {
  bootMachine,
  kmemdup,
  kstrdup,
  kzalloc,
  toBytes,
  type BootOptions,
  type Machine,
  type Subsystem,
} from '@pfo-workbench/kernel'
import {
  __of_add_property,
  device_node,
  of_attach_node,
  of_find_node_by_path,
  of_node_init,
  of_node_put,
  of_node_set_flag,
  OF_DYNAMIC,
  ofCore,
  property,
} from '@pfo-workbench/of'

/** The structure block of a tree that is a root without properties: its beginning, its empty name, its end, the end. */
const structure = [1, 0, 2, 9]
/** Behind the header stands an empty list of reserved memory, then the structure, then no strings. */
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

/** The value of a property made of 32-bit cells. */
export function words(values: readonly number[], littleEndian = false): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  values.forEach((value, index) => {
    view.setUint32(index * 4, value, littleEndian)
  })
  return bytes
}

/** Properties of a node by name; a text is a string with its terminator. */
export type Properties = Readonly<Record<string, string | Uint8Array>>

/** What the test has to have; there being nothing is a fault of the test. */
export function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('the test expected something here')
  return value
}

/** A property in memory of its own; a text has its terminator in it. */
export function newProperty(name: string, value: string | Uint8Array): property {
  const bytes = typeof value === 'string' ? toBytes(value) : value
  const prop = must(kzalloc(property))
  prop.name = kstrdup(name)
  prop.value = kmemdup(bytes)
  prop.length = bytes.length
  return prop
}

/** Attaches a node as firmware's tools do, and gives the reference that the search for the parent took back. */
export function addNode(path: string, properties: Properties, flags: { dynamic: boolean }): device_node {
  const slash = path.lastIndexOf('/')
  const np = must(kzalloc(device_node))
  of_node_init(np)
  if (flags.dynamic) of_node_set_flag(np, OF_DYNAMIC)
  np.full_name = kstrdup(path.slice(slash + 1))
  for (const [name, value] of Object.entries(properties)) __of_add_property(np, newProperty(name, value))
  np.parent = of_find_node_by_path(slash === 0 ? '/' : path.slice(0, slash))
  of_attach_node(np)
  of_node_put(np.parent)
  return np
}

/** The node at a path, without a reference. */
export function nodeAt(path: string): device_node {
  const np = must(of_find_node_by_path(path))
  of_node_put(np)
  return np
}

export const FACILITIES = '/ibm,platform-facilities'
export const RANDOM: string = `${FACILITIES}/ibm,random-v1`
export const COMPRESSION: string = `${FACILITIES}/ibm,compression-v1`
export const SYM_ENCRYPTION: string = `${FACILITIES}/ibm,sym-encryption-v1`

/** Properties of a node with some of them changed; undefined takes one away. */
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
  /** Whether the nodes are heap memory, as those are that firmware adds later. */
  readonly dynamic?: boolean
}

/**
 * A machine with these nodes in its tree before its subsystems (beside the OF core) start.
 *
 * @param nodes - by path, parents first
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

/**
 * Runs kernel code as a task of its own.
 *
 * @throws Error if the task did not come back, so that no expectation is passed over in silence
 */
export function run<T>(machine: Machine, body: () => T): T {
  const returned = machine.task('test', () => ({ value: body() }))
  if (returned === null) {
    throw new Error(`the task did not come back: ${machine.outcome}\n${machine.console.join('\n')}`)
  }
  return returned.value
}

/** Runs kernel code that does not come back, and gives what became of the machine. */
export function runToDeath(machine: Machine, body: () => unknown): Machine['outcome'] {
  const returned = machine.task('test', () => ({ value: body() }))
  if (returned !== null) throw new Error('the task came back')
  return machine.outcome
}

/** What the console says while `body` runs as a task. */
export function consoleOf(machine: Machine, body: () => void): string[] {
  const before = machine.console.length
  run(machine, body)
  return machine.console.slice(before)
}

/** The kernel functions of an event, innermost first, without those that only count or report. */
export function callers(
  event: { readonly chain: readonly { readonly function: string }[] } | undefined,
): string[] {
  const own = /^((kobject|refcount)_.*|of_node_(get|put)|__of_get_next_child)$/
  return (event?.chain ?? []).map((frame) => frame.function).filter((name) => !own.test(name))
}

/** How many references there are on a node. */
export function refcountOf(np: device_node): number {
  return np.kobj.kref.refcount.refs
}
