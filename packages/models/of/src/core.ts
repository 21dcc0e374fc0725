// SPDX-License-Identifier: GPL-2.0-only
import {
  fileScope,
  kobject_create_and_add,
  kset_create_and_add,
  mutex_lock,
  mutex_unlock,
  NOTIFY_OK,
  notifier_block,
  OF_POPULATED_BUS,
  pr_err,
  proc_create,
  setOfDeviceUevent,
  type kobject,
  type Subsystem,
} from '@pfo-workbench/kernel'
import { of_device_uevent } from './device.ts'
import { unflatten_device_tree } from './fdt.ts'
import { of_find_node_by_path } from './find.ts'
import { __of_attach_node_sysfs } from './kobj.ts'
import { of_node_check_flag } from './node.ts'
import { of_free_phandle_cache_initcall, of_populate_phandle_cache } from './phandle.ts'
import { of_reconfig_notifier_register, type of_reconfig_data } from './reconfig.ts'
import { of } from './state.ts'
import { __of_find_all_nodes } from './walk.ts'

const core = fileScope(() => ({
  firmware_kobj: null as kobject | null,
  platform_of_notifier: new notifier_block<of_reconfig_data>(of_platform_notify),
}))

/** Models `of_alias_scan` (drivers/of/base.c, v4.18): keeps a reference on `/aliases` and on `/chosen`. */
function of_alias_scan(): void {
  const state = of()
  state.of_aliases = of_find_node_by_path('/aliases')
  state.of_chosen = of_find_node_by_path('/chosen')
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
  const { of_mutex, of_root } = of()
  core().firmware_kobj = kobject_create_and_add('firmware', null)
  mutex_lock(of_mutex)
  of().of_kset = kset_create_and_add('devicetree', core().firmware_kobj)
  if (of().of_kset === null) {
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
 * platform core, so there is never a device to make or to remove.
 */
function of_platform_notify(
  _nb: notifier_block<of_reconfig_data>,
  _action: number,
  rd: of_reconfig_data,
): number {
  const { parent } = rd.dn
  if (parent === null || !of_node_check_flag(parent, OF_POPULATED_BUS)) return NOTIFY_OK
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
