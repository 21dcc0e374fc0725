// SPDX-License-Identifier: GPL-2.0-only
import { constantOf, nodePath, viewAt } from '@pfo-workbench/host'
import { addressOf, pointerTo, type Machine, type ObjectRecord, type View } from '@pfo-workbench/machine'
import type { KernelNode, KernelState } from '@pfo-workbench/run'

/** Constants of the flags that are reported. Their values are bit numbers. */
const flagNames = ['OF_DYNAMIC', 'OF_DETACHED', 'OF_POPULATED', 'OF_POPULATED_BUS'] as const

/** Maximum number of siblings or properties to follow, in case a list is damaged. */
const maxItems = 10_000

/** The state of a node that comes from the node itself. */
export interface OwnState extends Omit<KernelNode, 'generation' | 'life' | 'inTree' | 'properties'> {
  /** Reads the properties on demand, because most are never read. */
  readonly readProperties: () => KernelNode['properties']
}

/**
 * A node of a snapshot, which reads its properties on demand. This is a class: V8 stores an object literal with a
 * getter as a hash table, and measurements show that quick garbage collections do not free it. A copy by `{ ...node }`
 * lacks the properties.
 */
class NodeOfSnapshot implements KernelNode {
  readonly object: string
  readonly path: string
  readonly generation: number
  readonly life: KernelNode['life']
  readonly refcount: number
  readonly flags: readonly string[]
  readonly phandle: number
  readonly inTree: boolean
  readonly sysfs: string | null
  readonly #readProperties: OwnState['readProperties']
  #properties: KernelNode['properties'] | null = null

  constructor(
    own: OwnState,
    { generation, life, inTree }: Pick<KernelNode, 'generation' | 'life' | 'inTree'>,
  ) {
    this.object = own.object
    this.path = own.path
    this.generation = generation
    this.life = life
    this.refcount = own.refcount
    this.flags = own.flags
    this.phandle = own.phandle
    this.inTree = inTree
    this.sysfs = own.sysfs
    this.#readProperties = own.readProperties
  }

  get properties(): KernelNode['properties'] {
    return (this.#properties ??= this.#readProperties())
  }
}

/** Reads the properties of nodes now, because a later run may change the memory. Each node keeps its properties. */
export function loadProperties(nodes: readonly KernelNode[]): void {
  nodes.forEach(({ properties }) => properties)
}

const key = Symbol('nodes')

/** The state of nodes when they were freed, by object id. After that, their memory no longer contains the state. */
function buried(machine: Machine): Map<string, OwnState> {
  return machine.stateOf(key, () => new Map<string, OwnState>())
}

function ownState(machine: Machine, object: string, node: View): OwnState {
  const directory = node.follow('kobj.sd', 'kernfs_node')
  const flags = node.unsigned('_flags')
  return {
    object,
    path: nodePath(node),
    refcount: machine.memory.s32(node.addressOf('kobj.kref')),
    flags: flagNames.filter((name) => ((flags >> constantOf(machine, name)) & 1n) !== 0n),
    phandle: Number(node.unsigned('phandle')),
    sysfs: directory === null || isRemoved(directory) ? null : directory.string('name'),
    readProperties: () => machine.inspect(() => propertiesOf(machine, node)),
  }
}

/** True if a directory was removed from sysfs: its tree node points to itself. */
function isRemoved(kn: View): boolean {
  const place = kn.pointer + BigInt(kn.addressOf('rb') - kn.address)
  return kn.pointerIn('rb.__rb_parent_color') === place
}

function propertiesOf(machine: Machine, node: View): Record<string, Uint8Array> {
  const properties: Record<string, Uint8Array> = {}
  let property = node.follow('properties', 'property')
  for (let count = 0; property !== null && count < maxItems; count++) {
    const name = property.string('name')
    const length = property.number('length')
    const value = property.pointerIn('value')
    if (name !== null && length >= 0 && machine.memory.holds(value, Math.max(1, length))) {
      const start = addressOf(value)
      properties[name] = machine.memory.bytes.slice(start, start + length)
    }
    property = property.follow('next', 'property')
  }
  return properties
}

/** Saves the state of a node before its memory is freed. */
export function noteFreedNode(machine: Machine, { id, address }: ObjectRecord): void {
  const { path, refcount, flags, phandle } = machine.inspect(() =>
    ownState(machine, id, machine.view('device_node', pointerTo(address))),
  )
  buried(machine).set(id, {
    object: id,
    path,
    refcount,
    flags,
    phandle,
    sysfs: null,
    readProperties: () => ({}),
  })
}

/** The state of a node just before its memory was freed; null if it was not freed. */
export function freedNode(machine: Machine, object: string): OwnState | null {
  return buried(machine).get(object) ?? null
}

/** All nodes that ever existed, in order of creation. */
export function nodeStates(machine: Machine): KernelNode[] {
  return machine.inspect(() => {
    const linked = linkedNodes(machine)
    const released = new Set(
      machine.journal.events
        .filter((event) => event.type === 'ref.release')
        .map((event) => event.fields.object),
    )
    const generations = new Map<string, number>()
    return machine.objects.all
      .filter(({ struct }) => struct === 'device_node')
      .map((record): KernelNode => {
        const { id, address } = record
        const freed = machine.objects.isFreed(record)
        const own =
          (freed ? buried(machine).get(id) : undefined) ??
          ownState(machine, id, machine.view('device_node', pointerTo(address)))
        const generation = generations.get(own.path) ?? 0
        generations.set(own.path, generation + 1)
        const life = freed ? 'freed' : released.has(id) ? 'released' : 'allocated'
        return new NodeOfSnapshot(own, { generation, life, inTree: linked.has(address) })
      })
  })
}

/** Addresses of the nodes that are linked into the live tree, the root first. */
export function linkedNodes(machine: Machine): ReadonlySet<number> {
  const linked = new Set<number>()
  const visit = (pointer: bigint): void => {
    for (
      let node = viewAt(machine, 'device_node', pointer);
      node !== null;
      node = node.follow('sibling', 'device_node')
    ) {
      if (linked.has(node.address)) return
      linked.add(node.address)
      visit(node.pointerIn('child'))
    }
  }
  visit(machine.memory.u64(addressOf(machine.pointerTo('of_root'))))
  return linked
}

/** Content of the kernel's phandle cache: an array since v5.6, allocated before. Empty if there is none. */
export function phandleCache(machine: Machine): KernelState['phandleCache'] {
  const symbol = machine.symbols.find('phandle_cache')
  if (symbol === null) return []
  return machine.inspect(() => {
    const isArray = symbol.size > 8
    const first = isArray ? symbol.address : machine.memory.u64(addressOf(symbol.address))
    if (!machine.memory.holds(first, 8)) return []
    const slots = isArray ? symbol.size / 8 : slotsOfAllocated(machine)
    return Array.from({ length: slots }, (_, slot) => {
      const pointer = machine.memory.u64(addressOf(first) + 8 * slot)
      const record = machine.memory.holds(pointer, 1) ? machine.objects.at(addressOf(pointer)) : null
      return record === null ? null : { slot, node: record.id, freed: machine.objects.isFreed(record) }
    }).filter((one) => one !== null)
  })
}

function slotsOfAllocated(machine: Machine): number {
  return machine.memory.u32(addressOf(machine.pointerTo('phandle_cache_mask'))) + 1
}
