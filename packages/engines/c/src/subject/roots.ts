// SPDX-License-Identifier: GPL-2.0-only
import { constantFunctions } from '@pfo-workbench/host'

/**
 * Functions that the engine calls by name, and what they reach is in an image. Those that a kernel does not have are left out:
 * whoever calls one asks first.
 */
export const roots: readonly string[] = [
  ...constantFunctions,
  // The boot, in the order of start_kernel and kernel_init.
  'radix_tree_init',
  'maple_tree_init',
  'unflatten_device_tree',
  'kernfs_init',
  'sysfs_init',
  'driver_init',
  'kobject_create_and_add',
  // Platform setup registers these notifiers; only what it leads to is wanted, not the rest of it.
  'of_reconfig_notifier_register',
  'iommu_init_early_pSeries',
  'pSeries_setup_arch',
  'pseries_rng_init',
  'pSeries_discover_phbs',
  // What a console, a file and a lookup need.
  'vsnprintf',
  'kernfs_get_active',
  'kernfs_put_active',
  'of_find_node_opts_by_path',
  'of_find_node_by_phandle',
  'of_node_put',
  'pseries_devicetree_update',
]
