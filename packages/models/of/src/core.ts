// SPDX-License-Identifier: GPL-2.0-only
import {
  fileScope,
  followPointer,
  kobject_create_and_add,
  kset_create_and_add,
  mutex_lock,
  mutex_unlock,
  NOTIFY_OK,
  notifier_block,
  OF_POPULATED,
  OF_POPULATED_BUS,
  pr_err,
  proc_create,
  setOfDeviceUevent,
  text,
  type kobject,
  type Subsystem,
} from '@pfo-workbench/kernel'
import { of_device_uevent } from './device.ts'
import { OF_RECONFIG_CHANGE_ADD, OF_RECONFIG_CHANGE_REMOVE, of_reconfig_get_state_change } from './dynamic.ts'
import { unflatten_device_tree } from './fdt.ts'
import { of_find_node_by_path } from './find.ts'
import { __of_attach_node_sysfs } from './kobj.ts'
import { of_node_check_flag } from './node.ts'
import { of_free_phandle_cache_initcall, of_populate_phandle_cache } from './phandle.ts'
import { of_reconfig_notifier_register, type of_reconfig_data } from './reconfig.ts'
import { ofState } from './state.ts'
import { __of_find_all_nodes } from './walk.ts'

const core = fileScope(() => ({
  firmware_kobj: null as kobject | null,
  platform_of_notifier: new notifier_block<of_reconfig_data>(of_platform_notify),
}))

/**
 * Models `of_alias_scan` (drivers/of/base.c, v4.18): looks up `/aliases`, `/chosen` and every node that has an alias, and keeps
 * the references. Aliases that end in a number are listed.
 */
function of_alias_scan(): void {
  const state = ofState()
  state.of_aliases = of_find_node_by_path('/aliases')
  state.of_chosen = of_find_node_by_path('/chosen')
  for (let pp = state.of_aliases?.properties ?? null; pp !== null; pp = pp.next) {
    const alias = text(followPointer(pp.name))
    if (['name', 'phandle', 'linux,phandle'].includes(alias)) continue
    const np = of_find_node_by_path(followPointer(pp.value))
    if (np !== null && /\d$/.test(alias)) state.aliases_lookup.push({ alias, np })
  }
}

/** Models what `setup_arch` does about the tree: unflatten it, look up the nodes that others need early. */
function setup_device_tree(): void {
  unflatten_device_tree()
  of_alias_scan()
}

/**
 * Models `of_core_init` (drivers/of/base.c, v4.18), called at the end of `driver_init`: phandle cache, `/sys/firmware/
 * devicetree/base` with a directory per node, `/proc/device-tree`.
 */
export function of_core_init(): void {
  setOfDeviceUevent(of_device_uevent)
  of_populate_phandle_cache()
  const { of_mutex, of_root } = ofState()
  core().firmware_kobj = kobject_create_and_add('firmware', null)
  mutex_lock(of_mutex)
  ofState().of_kset = kset_create_and_add('devicetree', core().firmware_kobj)
  if (ofState().of_kset === null) {
    mutex_unlock(of_mutex)
    pr_err('OF: failed to register existing nodes\n')
    return
  }
  for (let np = __of_find_all_nodes(null); np !== null; np = __of_find_all_nodes(np))
    __of_attach_node_sysfs(np)
  mutex_unlock(of_mutex)
  if (of_root !== null) proc_create('device-tree', { link: '/sys/firmware/devicetree/base' })
}

/**
 * Models `of_platform_notify` (drivers/of/platform.c, v4.18) as far as this machine goes: no node's bus was populated by the
 * platform core, so there is never a device to make or to remove. Looking for that follows the pointers, as in C.
 */
function of_platform_notify(
  _nb: notifier_block<of_reconfig_data>,
  action: number,
  rd: of_reconfig_data,
): number {
  const change = of_reconfig_get_state_change(action, rd)
  if (change === OF_RECONFIG_CHANGE_ADD) of_node_check_flag(followPointer(rd.dn.parent), OF_POPULATED_BUS)
  else if (change === OF_RECONFIG_CHANGE_REMOVE) of_node_check_flag(rd.dn, OF_POPULATED)
  return NOTIFY_OK
}

/** Models `of_platform_register_reconfig_notifier`. */
function of_platform_register_reconfig_notifier(): void {
  of_reconfig_notifier_register(core().platform_of_notifier)
}

/** The OF core, for `bootMachine`. */
export const ofCore: Subsystem = {
  name: 'of',
  initcalls: [
    { level: 'setup_arch', fn: setup_device_tree },
    { level: 'driver_init', fn: of_core_init },
    { level: 'driver_init', fn: of_platform_register_reconfig_notifier },
    { level: 'late_sync', fn: of_free_phandle_cache_initcall },
  ],
}
