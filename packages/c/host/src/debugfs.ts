// SPDX-License-Identifier: GPL-2.0-only
// fs/debugfs, switched off by `debugfs=off`. Before 5.9 it cannot be switched off; there it is never mounted.
import { EPERM } from '@pfo-workbench/kernel'
import { isAtLeast, modelled, type HostFunctions } from '@pfo-workbench/machine'
import { named } from './named.ts'

/** Creates nothing, and neither locks nor allocates. Functions without a result ignore the value. */
const create = modelled([], (machine) => (isAtLeast(machine.options.release, [5, 9]) ? -EPERM : 0))

export const debugfs: HostFunctions = {
  ...named(
    create,
    'debugfs_create_dir',
    'debugfs_create_file',
    'debugfs_create_u32',
    'debugfs_create_u64',
    'debugfs_create_atomic_t',
  ),
  /** An error pointer, or NULL, is ignored. No other pointer exists. */
  ...named(
    modelled([], () => undefined),
    'debugfs_remove',
    'debugfs_remove_recursive',
  ),
}
