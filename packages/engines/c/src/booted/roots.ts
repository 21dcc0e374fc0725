// SPDX-License-Identifier: GPL-2.0-only
import { constantFunctions } from '@pfo-workbench/host'

/**
 * Functions that the engine calls by name. An image contains everything that they reach. Functions that a kernel does
 * not have are skipped; callers must check.
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
  // Platform setup registers these notifiers. The image needs the notifiers, but not the rest of the setup.
  'of_reconfig_notifier_register',
  'iommu_init_early_pSeries',
  'pSeries_setup_arch',
  'pseries_rng_init',
  'pSeries_discover_phbs',
  // Needed by the console, files and lookups.
  'vsnprintf',
  'kernfs_find_and_get_ns',
  'kernfs_put',
  'kernfs_get_active',
  'kernfs_put_active',
  'lookup_user',
  'pseries_devicetree_update',
]
