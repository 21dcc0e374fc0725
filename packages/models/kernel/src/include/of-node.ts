// SPDX-License-Identifier: GPL-2.0-only
import type { cstr } from '../c/bytes.ts'
import type { bin_attribute } from '../fs/kernfs.ts'
import { kobject } from './kobject.ts'
import { embed, struct } from '../c/struct.ts'

// Bit numbers of `device_node._flags` and `property._flags` (include/linux/of.h, v4.18).

/** Came from the allocator, and is freed with the last reference (include/linux/of.h, v4.18). */
export const OF_DYNAMIC = 1
/** Taken out of the tree (include/linux/of.h, v4.18). */
export const OF_DETACHED = 2
/** A device was made for it (include/linux/of.h, v4.18). */
export const OF_POPULATED = 3
/** Devices were made for its children (include/linux/of.h, v4.18). */
export const OF_POPULATED_BUS = 4

/** `struct property` (include/linux/of.h, v4.18). Dynamic properties own name and value, boot properties do not. */
export class property extends struct {
  name: cstr | null = null
  /** Of the value, in bytes. */
  length = 0
  value: cstr | null = null
  next: property | null = null
  _flags = 0
  attr: bin_attribute | null = null
}

/**
 * `struct device_node` (include/linux/of.h, v4.18). It is here and not in the `of` package because the driver core
 * and `%pOF` follow it; the functions on it are in `of`.
 */
export class device_node extends struct {
  /** Borrowed from the value of property "name". */
  name: cstr | null = null
  /** Borrowed from the value of property "device_type". */
  type: cstr | null = null
  phandle = 0
  /** In v4.18 only the last path component, with unit address. */
  full_name: cstr | null = null
  properties: property | null = null
  deadprops: property | null = null
  /** No reference is held through parent, child and sibling; being taken out of the tree leaves all three as they were. */
  parent: device_node | null = null
  child: device_node | null = null
  sibling: device_node | null = null
  readonly kobj: kobject = embed(this, new kobject())
  _flags = 0
  data: struct | null = null
}
