// SPDX-License-Identifier: GPL-2.0-only
import {
  advance,
  EAGAIN,
  EINVAL,
  emitEvent,
  ENOENT,
  ENOMEM,
  fileScope,
  followPointer,
  fromBytes,
  kernelKobject,
  kfree,
  kmalloc,
  kobject_create_and_add,
  kzalloc,
  LOGLEVEL_ERR,
  memcpy,
  printk,
  sysfs_create_file,
  type cstr,
  type device_node,
  type kobject,
  type property,
} from '@pfo-workbench/kernel'
import {
  of_find_node_by_phandle,
  of_find_property,
  of_node_put,
  of_remove_property,
  of_update_property,
} from '@pfo-workbench/of'
import { sleepWhile, spinWhile } from './firmware-loop.ts'
import {
  dlpar_attach_node,
  dlpar_configure_connector,
  dlpar_detach_node,
  dlpar_free_cc_nodes,
} from './dlpar.ts'
import { pseries_hp_errorlog, queue_hotplug_event } from './hotplug.ts'
import { parseCInteger } from './integer.ts'
import { entriesIn, type NodeEntry } from './node-list.ts'
import { descriptorsIn } from './property-list.ts'
import { allocateProperty } from './property-memory.ts'
import {
  callWithDataBuf,
  RTAS_DATA_BUF_SIZE,
  rtas_busy_delay,
  rtas_call,
  rtas_ibm_suspend_me,
  rtas_token,
  RTAS_UNKNOWN_SERVICE,
} from './rtas.ts'
import { putWord } from './work-area.ts'

const mobility = fileScope(() => ({ mobility_kobj: null as kobject | null }))

/** Scope of the changes after a migration (arch/powerpc/platforms/pseries/mobility.c, v4.18). */
export const MIGRATION_SCOPE = 1
/** Scope of the changes after a PRRN event (arch/powerpc/platforms/pseries/mobility.c, v4.18). */
export const PRRN_SCOPE = -2

/** Statuses of `ibm,update-nodes` and `ibm,update-properties`: the last answer, or more to come in the next call. */
const DONE = 0
const MORE = 1

/** Models `mobility_rtas_call` (arch/powerpc/platforms/pseries/mobility.c, v4.18): one call with the private buffer. */
function mobility_rtas_call(token: number, buf: cstr, scope: number): number {
  return callWithDataBuf(token, buf, scope)
}

/**
 * Models `delete_dt_node` (arch/powerpc/platforms/pseries/mobility.c, v4.18): detaches the node of a phandle and its
 * subtree.
 *
 * References: +1 by the lookup, put at the end.
 *
 * @returns 0 or -ENOENT
 */
function delete_dt_node(phandle: number): number {
  const dn = of_find_node_by_phandle(phandle)
  if (dn === null) return -ENOENT
  dlpar_detach_node(dn)
  of_node_put(dn)
  return 0
}

/** The property whose last piece is still missing; null between properties. */
interface Unfinished {
  prop: property | null
}

/** A larger number has the sign bit set: the length of a piece that is not the last. */
const LARGEST_LENGTH = 0x7fffffff

/**
 * Models `update_dt_property` (arch/powerpc/platforms/pseries/mobility.c, v4.18): appends a piece of a value and, if it
 * is the last, updates the property.
 *
 * A piece is appended to the unfinished property, even if the name in its descriptor differs. If memory is short, that
 * property stays unfinished. An unfinished property is leaked if firmware sends no more pieces, or if a removed
 * property follows. The result of `of_update_property` is ignored.
 *
 * @param vd - value descriptor: a length; the sign bit is set if more pieces follow
 * @returns 0 or -ENOMEM
 */
function update_dt_property(
  dn: device_node,
  unfinished: Unfinished,
  name: cstr,
  vd: number,
  value: cstr,
): number {
  const isLast = vd <= LARGEST_LENGTH
  const piece = { bytes: value, length: isLast ? vd : 2 ** 32 - vd }
  const prop = unfinished.prop === null ? beginProperty(name, piece) : extendProperty(unfinished.prop, piece)
  if (prop === null) return -ENOMEM
  unfinished.prop = isLast ? null : prop
  if (isLast) of_update_property(dn, prop)
  return 0
}

/** A piece of a value, in the work area. */
interface Piece {
  readonly bytes: cstr
  readonly length: number
}

/** A property with the first piece of its value; null if memory is short. */
function beginProperty(name: cstr, { bytes, length }: Piece): property | null {
  const own = allocateProperty(name, length)
  if (own === null) return null
  memcpy(own.value, bytes, length)
  own.prop.length = length
  return own.prop
}

/** Appends a piece to the property's value. If memory is short, returns null and changes nothing. */
function extendProperty(prop: property, { bytes, length }: Piece): property | null {
  const whole = kmalloc(prop.length + length)
  if (whole === null) return null
  memcpy(whole, followPointer(prop.value), prop.length)
  memcpy(advance(whole, prop.length), bytes, length)
  kfree(prop.value)
  prop.value = whole
  prop.length += length
  return prop
}

/**
 * Models `update_dt_node` (arch/powerpc/platforms/pseries/mobility.c, v4.18): gets the changed properties of a node
 * from firmware, in as many calls as needed.
 *
 * References: +1 by the lookup, put at the end.
 *
 * @returns 0, even after a firmware error; -EINVAL without the service; -ENOENT; -ENOMEM
 */
function update_dt_node(phandle: number, scope: number): number {
  const token = rtas_token('ibm,update-properties')
  if (token === RTAS_UNKNOWN_SERVICE) return -EINVAL
  const area = kmalloc(RTAS_DATA_BUF_SIZE)
  if (area === null) return -ENOMEM
  const dn = of_find_node_by_phandle(phandle)
  if (dn !== null) {
    const unfinished: Unfinished = { prop: null }
    putWord(area, 0, phandle)
    spinWhile(
      'ibm,update-properties',
      () => mobility_rtas_call(token, area, scope),
      (status) => {
        if (status >= 0) changeProperties(dn, area, unfinished)
        return status === MORE
      },
    )
    of_node_put(dn)
  }
  kfree(area)
  return dn === null ? -ENOENT : 0
}

/** Applies the property changes of one answer. Ignores errors; logs only those of `update_dt_property`. */
function changeProperties(dn: device_node, area: cstr, unfinished: Unfinished): void {
  for (const { name, isRemoved, vd, value } of descriptorsIn(area)) {
    if (isRemoved) {
      of_remove_property(dn, of_find_property(dn, name))
      unfinished.prop = null
    } else if (update_dt_property(dn, unfinished, name, vd, value) !== 0) {
      printk(LOGLEVEL_ERR, 'Could not update %s property\n', name)
    }
  }
}

/**
 * Models `add_dt_node` (arch/powerpc/platforms/pseries/mobility.c, v4.18): gets a node, or a whole subtree, from
 * firmware and attaches the top node. The nodes below it are lost.
 *
 * References: +1 on the parent by the lookup, put at the end.
 *
 * @returns 0, or -ENOENT if the parent does not exist or firmware returns no node
 */
function add_dt_node(parent_phandle: number, drc_index: number): number {
  const parent_dn = of_find_node_by_phandle(parent_phandle)
  if (parent_dn === null) return -ENOENT
  const dn = dlpar_configure_connector(drc_index, parent_dn)
  if (dn === null) {
    of_node_put(parent_dn)
    return -ENOENT
  }
  const rc = dlpar_attach_node(dn, parent_dn)
  if (rc !== 0) dlpar_free_cc_nodes(dn)
  of_node_put(parent_dn)
  return rc
}

/**
 * Models `prrn_update_node` (arch/powerpc/platforms/pseries/mobility.c, v4.18): a phandle without a node is the DRC
 * index of a memory block. Queues a request to remove and re-add that block. Drops the reference of the lookup.
 */
function prrn_update_node(phandle: number): void {
  const dn = of_find_node_by_phandle(phandle)
  if (dn !== null) {
    of_node_put(dn)
    return
  }
  const hp_elog = kzalloc(pseries_hp_errorlog)
  if (hp_elog === null) return
  hp_elog.request = { resource: 'memory', action: 'readd', id_type: 'index', count: 0, index: phandle }
  queue_hotplug_event(hp_elog, null, null)
  kfree(hp_elog)
}

/**
 * Models `pseries_devicetree_update` (arch/powerpc/platforms/pseries/mobility.c, v4.18): applies firmware's node list
 * in order. Errors of single entries are ignored.
 *
 * @param scope - `MIGRATION_SCOPE` or `PRRN_SCOPE`
 * @returns 0; the status of the failed call; -EINVAL without the service; -ENOMEM
 */
export function pseries_devicetree_update(scope: number): number {
  const token = rtas_token('ibm,update-nodes')
  if (token === RTAS_UNKNOWN_SERVICE) return -EINVAL
  const area = kmalloc(RTAS_DATA_BUF_SIZE)
  if (area === null) return -ENOMEM
  const last = spinWhile(
    'ibm,update-nodes',
    () => mobility_rtas_call(token, area, scope),
    (status) => {
      if (status === DONE || status === MORE) followNodeList(area, scope)
      return status === MORE
    },
  )
  kfree(area)
  return last
}

/** Applies the node entries of one answer. */
function followNodeList(area: cstr, scope: number): void {
  for (const entry of entriesIn(area)) {
    const result = followEntry(entry, scope)
    const { action } = entry
    const [phandle, drcIndex] =
      action === 'add' ? [entry.parent_phandle, entry.drc_index] : [entry.phandle, null]
    emitEvent('mobility.entry', { action, phandle, drcIndex, result })
    if (action === 'update' && scope === PRRN_SCOPE) prrn_update_node(phandle)
  }
}

/** Applies one entry: 0 or a negative errno. */
function followEntry(entry: NodeEntry, scope: number): number {
  switch (entry.action) {
    case 'delete':
      return delete_dt_node(entry.phandle)
    case 'update':
      return update_dt_node(entry.phandle, scope)
    case 'add':
      return add_dt_node(entry.parent_phandle, entry.drc_index)
  }
}

/**
 * Models `post_mobility_fixup` (arch/powerpc/platforms/pseries/mobility.c, v4.18): activates the new firmware, then
 * updates the tree. Without the service `ibm,activate-firmware`, does not update the tree.
 */
export function post_mobility_fixup(): void {
  const token = rtas_token('ibm,activate-firmware')
  if (token === RTAS_UNKNOWN_SERVICE) {
    printk(LOGLEVEL_ERR, 'Could not make post-mobility activate-fw call.\n')
    return
  }
  const activated = sleepWhile('ibm,activate-firmware', () => rtas_call(token, []), rtas_busy_delay)
  if (activated !== 0) printk(LOGLEVEL_ERR, 'Post-mobility activate-fw failed: %d\n', activated)
  const updated = pseries_devicetree_update(MIGRATION_SCOPE)
  if (updated !== 0) printk(LOGLEVEL_ERR, 'Post-mobility device tree update failed: %d\n', updated)
}

/**
 * Models `migration_store` (arch/powerpc/platforms/pseries/mobility.c, v4.18): a write to
 * `/sys/kernel/mobility/migration` suspends the partition for the migration, then calls `post_mobility_fixup`.
 *
 * @param buf - stream id in C integer syntax
 * @returns the length of the written text, even if the update of the tree failed; -EINVAL or -ERANGE for an invalid
 * stream id; the error of a failed suspension, which can be a positive firmware status
 */
function migration_store(buf: Uint8Array): number {
  const streamid = parseCInteger(fromBytes(buf))
  if (typeof streamid === 'number') return streamid
  const suspended = sleepWhile(
    'ibm,suspend-me',
    () => rtas_ibm_suspend_me(streamid.value),
    (error) => error === -EAGAIN,
  )
  if (suspended !== 0) return suspended
  post_mobility_fixup()
  return buf.length
}

/** Models `show_class_attr_string` (drivers/base/class.c, v4.18) for `api_version`. */
function show_class_attr_string(): string {
  return '1\n'
}

/**
 * Models `mobility_sysfs_init` (arch/powerpc/platforms/pseries/mobility.c, v4.18): creates `/sys/kernel/mobility`.
 * Returns 0 or -ENOMEM; ignores errors from creating its files.
 */
export function mobility_sysfs_init(): number {
  const mobility_kobj = kobject_create_and_add('mobility', kernelKobject())
  mobility().mobility_kobj = mobility_kobj
  if (mobility_kobj === null) return -ENOMEM
  sysfs_create_file(mobility_kobj, 'migration', null, migration_store)
  sysfs_create_file(mobility_kobj, 'api_version', show_class_attr_string)
  return 0
}
