// SPDX-License-Identifier: GPL-2.0-only
import {
  currentMachine,
  kobject_create_and_add,
  kset_create_and_add,
  mutex_lock,
  mutex_unlock,
  pr_err,
  proc_create,
  setOfDeviceUevent,
  type Subsystem,
} from '@pfo-workbench/kernel'
import { of_device_uevent } from './device.ts'
import { unflatten_device_tree } from './fdt.ts'
import { __of_attach_node_sysfs } from './kobj.ts'
import { of_free_phandle_cache, of_populate_phandle_cache } from './phandle.ts'
import { of_platform_register_reconfig_notifier } from './platform.ts'
import { ofState } from './state.ts'
import { __of_find_all_nodes } from './walk.ts'

/**
 * Models `of_core_init` (drivers/of/base.c, v4.18), called at the end of `driver_init`: fills the phandle cache and
 * creates `/sys/firmware/devicetree/base` with a directory per node, and the link `/proc/device-tree` if there is a
 * root. If the kset cannot be created, logs an error and creates neither the directories nor the link.
 */
export function of_core_init(): void {
  setOfDeviceUevent(of_device_uevent)
  of_populate_phandle_cache()
  const { of_mutex, of_root } = ofState()
  const firmware_kobj = kobject_create_and_add('firmware', null)
  mutex_lock(of_mutex)
  ofState().of_kset = kset_create_and_add('devicetree', null, firmware_kobj)
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

/** Without CONFIG_MODULES, `of_free_phandle_cache` is a `late_initcall_sync` in C; with modules, the cache stays. */
function freePhandleCacheWithoutModules(): void {
  if (!currentMachine().config.modules) of_free_phandle_cache()
}

/** The OF core as a subsystem for `bootMachine`. */
export const ofCore: Subsystem = {
  name: 'of',
  initcalls: [
    { level: 'setup_arch', fn: unflatten_device_tree },
    { level: 'driver_init', fn: of_core_init },
    { level: 'driver_init', fn: of_platform_register_reconfig_notifier },
    { level: 'late_sync', fn: freePhandleCacheWithoutModules },
  ],
}
