// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedStep } from '../facts.ts'
import type { RecordedCacheSlot, RecordedLookup, RecordedNode, RecordedVioDevice } from '../line-schema.ts'
import type { RecordedStep } from '../recording.ts'
import { freedTextsAgree, poisonIn } from './poison.ts'
import { type Section, shownBy } from './section.ts'

/** Compares the observer's state: nodes, phandle cache, vio devices. */
export function compareState(recorded: RecordedStep, replayed: ReplayedStep, section: Section): void {
  section.sequence(
    'nodes',
    recorded.nodes,
    replayed.nodes,
    shownBy(showNode, (a, b) => nodesAgree(a, b, section)),
  )
  section.skip('freed-text', recorded.nodes.filter(hasUnknownSysfsName).length)
  section.sequence('phandle cache', recorded.phandle_cache, replayed.phandle_cache, shownBy(showSlot))
  if (section.ordering === 'race') {
    section.skip('worker-after-oops', recorded.vio.length)
    return
  }
  section.sequence('vio', recorded.vio, replayed.vio, shownBy(showDevice))
}

/** Compares the results of the finders. */
export function compareLookups(
  recorded: readonly RecordedLookup[],
  replayed: readonly RecordedLookup[],
  section: Section,
): void {
  section.sequence('lookups', recorded, replayed, shownBy(showLookup))
}

/** True if the name of the node's directory was freed: the release of a node frees this name. */
function hasFreedSysfsName(node: RecordedNode): boolean {
  return node.life === 'released-not-freed'
}

/** True if the memory of the freed name had a new owner, so that the name is unknown. */
function hasUnknownSysfsName(node: RecordedNode): boolean {
  return hasFreedSysfsName(node) && poisonIn(node.state?.sysfs_name ?? '') === undefined
}

/** If workers ran, reused memory counts as freed: its reuse depends on when a worker freed it. */
function lifeOf({ life }: RecordedNode, section: Section): string {
  return life === 'freed-reused' && section.workersRan ? 'freed' : life
}

function nodesAgree(a: RecordedNode, b: RecordedNode, section: Section): boolean {
  if (a.id !== b.id || a.origin !== b.origin || a.how !== b.how) return false
  if (lifeOf(a, section) !== lifeOf(b, section)) return false
  const [x, y] = [a.state, b.state]
  if (x === null || y === null) return x === y
  return (
    (x.kref === y.kref || section.ordering === 'race') &&
    x.flags.join() === y.flags.join() &&
    x.phandle === y.phandle &&
    x.name === y.name &&
    x.full_name === y.full_name &&
    x.parent === y.parent &&
    x.in_tree === y.in_tree &&
    x.in_sysfs === y.in_sysfs &&
    (hasFreedSysfsName(a) ? freedTextsAgree(x.sysfs_name, y.sysfs_name) : x.sysfs_name === y.sysfs_name)
  )
}

function showNode(node: RecordedNode): string {
  const { id, origin, state, how } = node
  const head = `node ${id} (${origin}) ${node.life}`
  if (state === null) return `${head} by ${how ?? '?'}`
  const known = hasFreedSysfsName(node) ? poisonIn(state.sysfs_name) : state.sysfs_name
  const sysfsName = known === undefined ? '' : ` sysfs_name="${known}"`
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

function showDevice(device: RecordedVioDevice): string {
  const { dev, kref, of_node, of_node_attached, vio_name, vio_type, driver } = device
  const attached = of_node_attached === null ? 'unknown' : String(of_node_attached)
  return `vio ${dev} kref=${kref} of_node=${of_node} attached=${attached} name="${vio_name}" type="${vio_type}" driver=${driver}`
}
