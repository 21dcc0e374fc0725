// SPDX-License-Identifier: GPL-2.0-only
import {
  device_node,
  EINVAL,
  ENOMEM,
  kfree,
  kstrdup,
  oops,
  text,
  type const_char_ptr,
} from '@pfo-workbench/kernel'
import { of_find_node_by_path } from '@pfo-workbench/of'

/**
 * Models `pseries_of_derive_parent` (arch/powerpc/platforms/pseries/of_helpers.c, v4.18): +1 on the parent of a path.
 *
 * @returns the node, or the error of C's `ERR_PTR`: -EINVAL for `/` and for a missing parent, -ENOMEM
 */
export function pseries_of_derive_parent(path: const_char_ptr): device_node | number {
  const whole = text(path)
  if (whole === '/') return -EINVAL
  const slash = whole.lastIndexOf('/')
  if (slash <= 0) return of_find_node_by_path('/') ?? -EINVAL
  const parent_path = kstrdup(whole.slice(0, slash))
  if (parent_path === null) return -ENOMEM
  const parent = of_find_node_by_path(parent_path)
  // For a path such as "//x", C mistakes its copy of "/" for the literal and leaks the copy.
  if (text(parent_path) !== '/') kfree(parent_path)
  return parent ?? -EINVAL
}

/** Fault offset of `kobject_put`: `kobj` in `struct device_node`, plus the flags in `struct kobject`. */
const KOBJ_FLAGS_OFFSET = 88 + 60

/**
 * Models `ERR_PTR` (include/linux/err.h) used as a node: an address just below the end of memory. A put of such a node
 * faults at an address slightly above 0.
 *
 * @param error - negative errno
 */
export function errorNode(error: number): device_node {
  const np = new device_node()
  Object.defineProperty(np.kobj, 'state_initialized', {
    get: function faultBehindError(): never {
      const address = (error + KOBJ_FLAGS_OFFSET).toString(16).padStart(8, '0')
      return oops(`Unable to handle kernel paging request for data at address 0x${address}`)
    },
  })
  return np
}
