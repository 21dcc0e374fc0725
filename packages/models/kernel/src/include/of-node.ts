// SPDX-License-Identifier: GPL-2.0-only
import type { cstr } from '../c/bytes.ts'
import type { bin_attribute } from '../fs/kernfs.ts'
import { kobject } from './kobject.ts'
import { embed, struct } from '../c/struct.ts'

// Bit numbers of `device_node._flags` and `property._flags` (include/linux/of.h, v4.18).

/** Came from the allocator; freed when the last reference is dropped (include/linux/of.h, v4.18). */
export const OF_DYNAMIC = 1
/** Detached from the tree (include/linux/of.h, v4.18). */
export const OF_DETACHED = 2
/** A device was created for the node (include/linux/of.h, v4.18). */
export const OF_POPULATED = 3
/** Devices were created for the children of the node (include/linux/of.h, v4.18). */
export const OF_POPULATED_BUS = 4

/**
 * `struct property` (include/linux/of.h, v4.18). A dynamic property owns its name and value; a boot property does not.
 */
export class property extends struct {
  name: cstr | null = null
  /** Length of the value, in bytes. */
  length = 0
  value: cstr | null = null
  next: property | null = null
  _flags = 0
  attr: bin_attribute | null = null
}

/**
 * `struct device_node` (include/linux/of.h, v4.18). Declared here and not in the `of` package because the driver core
 * and `%pOF` dereference it. Its functions are in `of`.
 */
export class device_node extends struct {
  /** Borrowed from the value of the "name" property. */
  name: cstr | null = null
  /** Borrowed from the value of the "device_type" property. */
  type: cstr | null = null
  phandle = 0
  /** In v4.18 only the last path component, with the unit address. */
  full_name: cstr | null = null
  properties: property | null = null
  deadprops: property | null = null
  /** `parent`, `child` and `sibling` hold no references. Detaching the node leaves all three unchanged. */
  parent: device_node | null = null
  child: device_node | null = null
  sibling: device_node | null = null
  readonly kobj: kobject = embed(this, new kobject())
  _flags = 0
  data: struct | null = null
}
