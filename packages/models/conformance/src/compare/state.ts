// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedStep } from '../facts.ts'
import type {
  RecordedCacheSlot,
  RecordedLookup,
  RecordedNode,
  RecordedStep,
  RecordedVioDevice,
} from '../recording.ts'
import type { SharedMemory } from './memory.ts'
import { sameShow, type Section } from './tally.ts'

/** What the observer saw: nodes, phandle cache, vio devices. */
export function compareState(
  recorded: RecordedStep,
  replayed: ReplayedStep,
  memory: SharedMemory,
  section: Section,
): void {
  const isRace = section.ordering === 'race'
  section.sequence(
    'nodes',
    recorded.nodes,
    replayed.nodes,
    sameShow((a, b) => nodesAgree(a, b, memory, !isRace), showNode),
  )
  section.skip('freed-text', recorded.nodes.filter(hasFreedSysfsName).length)
  section.sequence(
    'phandle cache',
    recorded.phandle_cache,
    replayed.phandle_cache,
    sameShow(
      (a, b) => a.phandle === b.phandle && a.slot === b.slot && memory.agree(a.entry, b.entry),
      showSlot,
    ),
  )
  if (isRace) {
    section.skip('worker-after-oops', recorded.vio.length)
    return
  }
  section.sequence(
    'vio',
    recorded.vio,
    replayed.vio,
    sameShow((a, b) => devicesAgree(a, b, memory), showDevice),
  )
}

/** What the finders returned. */
export function compareLookups(
  recorded: readonly RecordedLookup[],
  replayed: readonly RecordedLookup[],
  memory: SharedMemory,
  section: Section,
): void {
  const agree = (a: RecordedLookup, b: RecordedLookup): boolean =>
    a.how === b.how &&
    a.of === b.of &&
    memory.agree(a.result, b.result) &&
    a.state === b.state &&
    a.kref_with_ours === b.kref_with_ours
  section.sequence('lookups', recorded, replayed, sameShow(agree, showLookup))
}

/** The memory of a freed node may have a new owner in the recording; that is a matter of the allocator. */
function lifeOf({ life }: RecordedNode): string {
  return life === 'freed-reused' ? 'freed' : life
}

/** The name of a node's directory is freed when the node is released. */
function hasFreedSysfsName(node: RecordedNode): boolean {
  return node.life === 'released-not-freed'
}

function nodesAgree(a: RecordedNode, b: RecordedNode, memory: SharedMemory, withCounter: boolean): boolean {
  if (a.id !== b.id || a.origin !== b.origin || lifeOf(a) !== lifeOf(b) || a.how !== b.how) return false
  const [x, y] = [a.state, b.state]
  if (x === null || y === null) return x === y
  return (
    (x.kref === y.kref || !withCounter) &&
    x.flags.join() === y.flags.join() &&
    x.phandle === y.phandle &&
    x.name === y.name &&
    x.full_name === y.full_name &&
    memory.agree(x.parent, y.parent) &&
    x.in_tree === y.in_tree &&
    x.in_sysfs === y.in_sysfs &&
    (hasFreedSysfsName(a) || x.sysfs_name === y.sysfs_name)
  )
}

function showNode(node: RecordedNode): string {
  const { id, origin, state, how } = node
  const head = `node ${id} (${origin}) ${lifeOf(node)}`
  if (state === null) return `${head} by ${how ?? '?'}`
  const sysfsName = hasFreedSysfsName(node) ? '' : ` sysfs_name="${state.sysfs_name}"`
  return [
    `${head} kref=${state.kref} [${state.flags.join(' ')}] phandle=${state.phandle}`,
    `name="${state.name}" full_name="${state.full_name}" parent=${state.parent}`,
    `in_tree=${String(state.in_tree)} in_sysfs=${String(state.in_sysfs)}${sysfsName}`,
  ].join(' ')
}

function showSlot({ phandle, slot, entry }: RecordedCacheSlot): string {
  return `cache ${phandle} slot ${slot} -> ${entry}`
}

function showLookup({ how, of, result, state, kref_with_ours }: RecordedLookup): string {
  return `lookup ${how} ${of} -> ${result} (${state}) kref=${kref_with_ours}`
}

/** What is borrowed from a node whose memory has a new owner is the new owner's. */
function devicesAgree(a: RecordedVioDevice, b: RecordedVioDevice, memory: SharedMemory): boolean {
  const known = a.dev === b.dev && a.kref === b.kref && a.driver === b.driver
  if (!known || !memory.agree(a.of_node, b.of_node)) return false
  if (a.of_node !== b.of_node) return true
  return a.of_node_attached === b.of_node_attached && a.vio_name === b.vio_name && a.vio_type === b.vio_type
}

function showDevice(device: RecordedVioDevice): string {
  const { dev, kref, of_node, of_node_attached, vio_name, vio_type, driver } = device
  const attached = of_node_attached === null ? 'unknown' : String(of_node_attached)
  return `vio ${dev} kref=${kref} of_node=${of_node} attached=${attached} name="${vio_name}" type="${vio_type}" driver=${driver}`
}
