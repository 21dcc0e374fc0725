// SPDX-License-Identifier: GPL-2.0-only
import {
  advance,
  be32_to_cpup,
  cstr,
  EAGAIN,
  EINVAL,
  ENOENT,
  ENOMEM,
  followPointer,
  fromBytes,
  kernelKobject,
  kfree,
  kmalloc,
  kobject_create_and_add,
  kstrdup,
  kzalloc,
  LOGLEVEL_ERR,
  memcpy,
  printk,
  property,
  readByte,
  sysfs_create_file,
  text,
  writeByte,
  type device_node,
} from '@pfo-workbench/kernel'
import {
  of_find_node_by_phandle,
  of_find_property,
  of_node_put,
  of_remove_property,
  of_update_property,
} from '@pfo-workbench/of'
import { boundSleeping, boundSpinning } from './again.ts'
import {
  dlpar_attach_node,
  dlpar_configure_connector,
  dlpar_detach_node,
  dlpar_free_cc_nodes,
} from './dlpar.ts'
import { parseCInteger } from './integer.ts'
import {
  callWithDataBuf,
  RTAS_DATA_BUF_SIZE,
  rtas_busy_delay,
  rtas_call,
  rtas_ibm_suspend_me,
  rtas_token,
  RTAS_UNKNOWN_SERVICE,
} from './rtas.ts'

/** Actions of the node list (arch/powerpc/platforms/pseries/mobility.c, v4.18). */
const NODE_ACTION_MASK = 0xff000000
const NODE_COUNT_MASK = 0x00ffffff
const DELETE_DT_NODE = 0x01000000
const UPDATE_DT_NODE = 0x02000000
const ADD_DT_NODE = 0x03000000

/** Why firmware is asked for changes (arch/powerpc/platforms/pseries/mobility.c, v4.18). */
export const MIGRATION_SCOPE = 1
export const PRRN_SCOPE = -2

/** First words of the `ibm,update-nodes` work area belong to firmware; the node list starts behind them. */
const UPDATE_NODES_HEADER_WORDS = 4
/** `struct update_props_workarea`: phandle, state, reserved (8 bytes), number of properties; then the descriptors. */
const PROPS = { phandle: 0, nprops: 4, first: 20 }
const PROP_NAME_ONLY = 0
const PROP_REMOVE = 0x80000000

/** Models `mobility_rtas_call`: one call with the private buffer. */
function mobility_rtas_call(token: number, buf: cstr, scope: number): number {
  return callWithDataBuf(token, buf, scope)
}

/**
 * Models `delete_dt_node` (arch/powerpc/platforms/pseries/mobility.c, v4.18): the node of a phandle, with what hangs
 * below, is detached.
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

/** A property whose value arrives in pieces, or null between properties. */
interface PartialProperty {
  prop: property | null
}

/**
 * Models `update_dt_property` (arch/powerpc/platforms/pseries/mobility.c, v4.18): takes one piece of a value and, when
 * it is the last, updates the property.
 *
 * A piece goes to the property that waits for more, whatever its own name. When memory is short that property keeps
 * waiting.
 *
 * @param vd - value descriptor: a length, negative if more follows
 * @returns 0 or -ENOMEM
 */
function update_dt_property(
  dn: device_node,
  partial: PartialProperty,
  name: cstr,
  vd: number,
  value: cstr,
): number {
  const more = vd > 0x7fffffff
  const length = more ? (~vd + 1) >>> 0 : vd
  const prop =
    partial.prop === null ? newProperty(name, value, length) : withPiece(partial.prop, value, length)
  if (prop === null) return -ENOMEM
  if (!more) of_update_property(dn, prop)
  partial.prop = more ? prop : null
  return 0
}

/** A property with its name and the first piece of its value; null when memory is short. */
function newProperty(name: cstr, value: cstr, length: number): property | null {
  const new_prop = kzalloc(property)
  if (new_prop === null) return null
  new_prop.name = kstrdup(name)
  if (new_prop.name === null) {
    kfree(new_prop)
    return null
  }
  new_prop.value = kmalloc(length)
  if (new_prop.value === null) {
    kfree(new_prop.name)
    kfree(new_prop)
    return null
  }
  new_prop.length = length
  memcpy(new_prop.value, value, length)
  return new_prop
}

/** The property with one more piece behind what it has; null, and nothing changed, when memory is short. */
function withPiece(prop: property, value: cstr, length: number): property | null {
  const grown = kmalloc(prop.length + length)
  if (grown === null) return null
  memcpy(grown, followPointer(prop.value), prop.length)
  memcpy(advance(grown, prop.length), value, length)
  kfree(prop.value)
  prop.value = grown
  prop.length += length
  return prop
}

/**
 * Models `update_dt_node` (arch/powerpc/platforms/pseries/mobility.c, v4.18): asks firmware for the changed properties
 * of a node, in as many calls as it takes.
 *
 * References: +1 by the lookup, put at the end.
 *
 * @returns 0, also when firmware failed; -EINVAL without the service; -ENOENT; -ENOMEM
 */
function update_dt_node(phandle: number, scope: number): number {
  const update_properties_token = rtas_token('ibm,update-properties')
  if (update_properties_token === RTAS_UNKNOWN_SERVICE) return -EINVAL
  const rtas_buf = kmalloc(RTAS_DATA_BUF_SIZE)
  if (rtas_buf === null) return -ENOMEM
  const dn = of_find_node_by_phandle(phandle)
  if (dn === null) {
    kfree(rtas_buf)
    return -ENOENT
  }
  for (let byte = 0; byte < 4; byte++) writeByte(rtas_buf, byte, (phandle >>> (24 - 8 * byte)) & 0xff)
  const partial: PartialProperty = { prop: null }
  let rtas_rc: number
  let calls = 0
  do {
    boundSpinning(++calls, 'ibm,update-properties')
    rtas_rc = mobility_rtas_call(update_properties_token, rtas_buf, scope)
    if (rtas_rc < 0) break
    applyDescriptors(dn, rtas_buf, partial)
  } while (rtas_rc === 1)
  of_node_put(dn)
  kfree(rtas_buf)
  return 0
}

/**
 * One buffer of property descriptors. A first descriptor without a name carries the node's path and is skipped. The kernel
 * believes every count and length; behind the buffer all is zero here, which means nothing, so its end can end the loop.
 */
function applyDescriptors(dn: device_node, rtas_buf: cstr, partial: PartialProperty): void {
  let nprops = be32_to_cpup(rtas_buf, PROPS.nprops)
  let prop_data = PROPS.first
  if (readByte(rtas_buf, prop_data) === 0) {
    prop_data += 1
    prop_data += 4 + be32_to_cpup(advance(rtas_buf, prop_data))
    nprops = (nprops - 1) >>> 0
  }
  for (let i = 0; i < nprops && prop_data < RTAS_DATA_BUF_SIZE; i++) {
    const prop_name = advance(rtas_buf, prop_data)
    prop_data += text(prop_name).length + 1
    const vd = be32_to_cpup(advance(rtas_buf, prop_data))
    prop_data += 4
    if (vd === PROP_NAME_ONLY) continue
    if (vd === PROP_REMOVE) {
      of_remove_property(dn, of_find_property(dn, prop_name))
      partial.prop = null
      continue
    }
    const rc = update_dt_property(dn, partial, prop_name, vd, advance(rtas_buf, prop_data))
    if (rc !== 0) printk(LOGLEVEL_ERR, 'Could not update %s property\n', prop_name)
    prop_data += vd
  }
}

/**
 * Models `add_dt_node` (arch/powerpc/platforms/pseries/mobility.c, v4.18): gets a node, or a whole hierarchy, from
 * firmware and attaches it.
 *
 * References: +1 on the parent by the lookup, put at the end.
 *
 * @returns 0, or -ENOENT when the parent or the answer of firmware is missing
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
 * Models `prrn_update_node` (arch/powerpc/platforms/pseries/mobility.c, v4.18): a phandle that is not a node is the DRC
 * index of a memory block.
 */
function prrn_update_node(phandle: number): void {
  of_node_put(of_find_node_by_phandle(phandle))
}

/**
 * Models `pseries_devicetree_update` (arch/powerpc/platforms/pseries/mobility.c, v4.18): does what firmware's node list
 * says, in its order. Errors of single entries are ignored.
 *
 * @param scope - `MIGRATION_SCOPE` or `PRRN_SCOPE`
 * @returns 0; the status of the call that failed; -EINVAL without the service; -ENOMEM
 */
export function pseries_devicetree_update(scope: number): number {
  const update_nodes_token = rtas_token('ibm,update-nodes')
  if (update_nodes_token === RTAS_UNKNOWN_SERVICE) return -EINVAL
  const rtas_buf = kmalloc(RTAS_DATA_BUF_SIZE)
  if (rtas_buf === null) return -ENOMEM
  let rc: number
  let calls = 0
  do {
    boundSpinning(++calls, 'ibm,update-nodes')
    rc = mobility_rtas_call(update_nodes_token, rtas_buf, scope)
    if (rc !== 0 && rc !== 1) break
    let data = UPDATE_NODES_HEADER_WORDS
    for (;;) {
      const header = be32_to_cpup(rtas_buf, data)
      const action = (header & NODE_ACTION_MASK) >>> 0
      if (action === 0) break
      const node_count = header & NODE_COUNT_MASK
      data++
      for (let i = 0; i < node_count && data * 4 < RTAS_DATA_BUF_SIZE; i++) {
        const phandle = be32_to_cpup(rtas_buf, data++)
        if (action === DELETE_DT_NODE) {
          delete_dt_node(phandle)
        } else if (action === UPDATE_DT_NODE) {
          update_dt_node(phandle, scope)
          if (scope === PRRN_SCOPE) prrn_update_node(phandle)
        } else if (action === ADD_DT_NODE) {
          const drc_index = be32_to_cpup(rtas_buf, data++)
          add_dt_node(phandle, drc_index)
        }
      }
    }
  } while (rc === 1)
  kfree(rtas_buf)
  return rc
}

/**
 * Models `post_mobility_fixup` (arch/powerpc/platforms/pseries/mobility.c, v4.18): new firmware is activated, then the
 * tree follows.
 */
export function post_mobility_fixup(): void {
  const activate_fw_token = rtas_token('ibm,activate-firmware')
  if (activate_fw_token === RTAS_UNKNOWN_SERVICE) {
    printk(LOGLEVEL_ERR, 'Could not make post-mobility activate-fw call.\n')
    return
  }
  let rc: number
  let calls = 0
  do {
    boundSleeping(++calls, 'ibm,activate-firmware')
    rc = rtas_call(activate_fw_token, [])
  } while (rtas_busy_delay(rc))
  if (rc !== 0) printk(LOGLEVEL_ERR, 'Post-mobility activate-fw failed: %d\n', rc)
  rc = pseries_devicetree_update(MIGRATION_SCOPE)
  if (rc !== 0) printk(LOGLEVEL_ERR, 'Post-mobility device tree update failed: %d\n', rc)
}

/**
 * Models `migration_store` (arch/powerpc/platforms/pseries/mobility.c, v4.18).
 *
 * @param buf - stream id in C integer syntax
 * @returns the length of what was written, whatever happened to the tree; -EINVAL or -ERANGE for what is no stream id; the
 *   error of the suspension
 */
function migration_store(buf: Uint8Array): number {
  const streamid = parseCInteger(fromBytes(buf))
  if (typeof streamid === 'object') return streamid.error
  let rc: number
  let calls = 0
  do {
    boundSleeping(++calls, 'ibm,suspend-me')
    rc = rtas_ibm_suspend_me(streamid)
  } while (rc === -EAGAIN)
  if (rc !== 0) return rc
  post_mobility_fixup()
  return buf.length
}

/** Models `show_class_attr_string` (drivers/base/class.c, v4.18) for `api_version`. */
function show_class_attr_string(): string {
  return '1\n'
}

/**
 * Models `mobility_sysfs_init` (arch/powerpc/platforms/pseries/mobility.c, v4.18): `/sys/kernel/mobility`. 0 or
 * -ENOMEM.
 */
export function mobility_sysfs_init(): number {
  const mobility_kobj = kobject_create_and_add('mobility', kernelKobject())
  if (mobility_kobj === null) return -ENOMEM
  sysfs_create_file(mobility_kobj, 'migration', null, migration_store)
  sysfs_create_file(mobility_kobj, 'api_version', show_class_attr_string)
  return 0
}
