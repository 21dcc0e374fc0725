// SPDX-License-Identifier: GPL-2.0-only
import {
  BUG_ON,
  emitEvent,
  ENOMEM,
  followPointer,
  kernfs_find_and_get_ns,
  kernfs_put,
  kasprintf,
  kernfsPath,
  kfree,
  kobject_add,
  kobject_del,
  kstrdup,
  pr_warn,
  readBytes,
  sysfs_create_bin_file,
  sysfs_remove_bin_file,
  text,
  WARN,
  type const_char_ptr,
  type cstr,
  type device_node,
  type kobject,
  type property,
} from '@pfo-workbench/kernel'
import { of_node_is_attached, of_node_is_initialized, of_node_put } from './node.ts'
import { kbasename } from './path.ts'
import { ofState } from './state.ts'

/** Number of candidate names that are checked. If all are taken, the next name is used without a check. */
const MAX_RENAMES = 16

/**
 * Models `safe_name` (drivers/of/kobj.c, v4.18): finds a free name in a directory: `orig`, then `orig#1` and so on.
 * Each candidate except `orig` is allocated. It is an Oops if `kobj` has no directory, or if the allocation of a
 * candidate other than the last fails.
 *
 * @returns a copy that the caller frees, or null if memory is short
 */
function safe_name(kobj: kobject, orig: const_char_ptr): cstr | null {
  let renamed: cstr | null = null
  let tried = 0
  for (; tried < MAX_RENAMES; tried++) {
    const taken = kernfs_find_and_get_ns(kobj.sd, tried === 0 ? orig : renamed)
    if (taken === null) break
    kernfs_put(taken)
    kfree(renamed)
    renamed = kasprintf('%s#%i', orig, tried + 1)
  }
  if (tried === 0) return kstrdup(orig)
  pr_warn('Duplicate name in %s, renamed to "%s"\n', kobj.name, renamed)
  if (renamed !== null) {
    const directory = kernfsPath(followPointer(kobj.sd))
    emitEvent('sysfs.rename', { directory, wanted: text(orig), used: text(renamed) })
  }
  return renamed
}

/** Models `of_node_property_read` (drivers/of/kobj.c, v4.18): the current bytes of the property; none for NULL. */
function of_node_property_read(pp: property): Uint8Array {
  return pp.value === null ? new Uint8Array(0) : readBytes(pp.value, pp.length)
}

/**
 * Models `__of_add_property_sysfs` (drivers/of/kobj.c, v4.18), `of_mutex` held: creates a file with the raw bytes of
 * the property. Only root can read the file of a "security-" property. Does nothing for a node without a directory.
 *
 * @returns 0, or the error of `sysfs_create_bin_file`, after a WARN
 */
export function __of_add_property_sysfs(np: device_node, pp: property): number {
  if (ofState().of_kset === null || !of_node_is_attached(np)) return 0
  const name = text(followPointer(pp.name))
  const secure = name.startsWith('security-')
  const fileName = safe_name(np.kobj, followPointer(pp.name))
  pp.attr = {
    name: fileName,
    mode: secure ? 0o400 : 0o444,
    size: secure ? 0 : pp.length,
    // A bound function, because any other function would show up in the call chain.
    read: of_node_property_read.bind(null, pp),
  }
  const rc = sysfs_create_bin_file(np.kobj, pp.attr)
  WARN(rc !== 0, 'drivers/of/kobj.c:83', 'error adding attribute %s to node %pOF\n', pp.name, np)
  return rc
}

/**
 * Models `__of_sysfs_remove_bin_file` (drivers/of/kobj.c, v4.18): removes the file and frees its name. The
 * attribute keeps the pointer to the freed name.
 */
function __of_sysfs_remove_bin_file(np: device_node, prop: property): void {
  const name = prop.attr?.name ?? null
  sysfs_remove_bin_file(np.kobj, name)
  kfree(name)
}

/**
 * Models `__of_remove_property_sysfs` (drivers/of/kobj.c, v4.18), `of_mutex` held. Does nothing for a node without a
 * directory.
 */
export function __of_remove_property_sysfs(np: device_node, prop: property): void {
  if (ofState().of_kset !== null && of_node_is_attached(np)) __of_sysfs_remove_bin_file(np, prop)
}

/**
 * Models `__of_update_property_sysfs` (drivers/of/kobj.c, v4.18), `of_mutex` held. The function does not check that
 * the node is in sysfs. For a detached node it removes the file of `oldprop` again and frees the file's name a second
 * time.
 */
export function __of_update_property_sysfs(
  np: device_node,
  newprop: property,
  oldprop: property | null,
): void {
  if (ofState().of_kset === null) return
  if (oldprop !== null) __of_sysfs_remove_bin_file(np, oldprop)
  __of_add_property_sysfs(np, newprop)
}

/**
 * Models `__of_attach_node_sysfs` (drivers/of/kobj.c, v4.18), `of_mutex` held: creates the directory and a file per
 * property.
 *
 * References: +1 on the parent node and the kset (by `kobject_add`), none on `np`.
 *
 * @returns 0, -ENOMEM, or the error of `kobject_add`
 */
export function __of_attach_node_sysfs(np: device_node): number {
  const { of_kset } = ofState()
  if (of_kset === null) return 0
  np.kobj.kset = of_kset
  const above = np.parent === null ? null : np.parent.kobj
  const name =
    above === null
      ? safe_name(of_kset.kobj, 'base')
      : safe_name(above, kbasename(followPointer(np.full_name)))
  if (name === null) return -ENOMEM
  const error = kobject_add(np.kobj, above, '%s', name)
  kfree(name)
  if (error !== 0) return error
  for (let pp = np.properties; pp !== null; pp = pp.next) __of_add_property_sysfs(np, pp)
  return 0
}

/**
 * Models `__of_detach_node_sysfs` (drivers/of/kobj.c, v4.18), `of_mutex` held: removes the files and the directory,
 * then drops the init reference, even if an earlier detach already dropped it. It is a BUG if the node was never
 * initialized. Before `of_core_init`, it does nothing.
 */
export function __of_detach_node_sysfs(np: device_node): void {
  BUG_ON(!of_node_is_initialized(np), 'drivers/of/kobj.c:151')
  if (ofState().of_kset === null) return
  if (of_node_is_attached(np)) {
    for (let pp = np.properties; pp !== null; pp = pp.next) __of_sysfs_remove_bin_file(np, pp)
    kobject_del(np.kobj)
  }
  of_node_put(np)
}
