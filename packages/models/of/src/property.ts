// SPDX-License-Identifier: GPL-2.0-only
import {
  advance,
  be32_to_cpup,
  cstr,
  EILSEQ,
  EINVAL,
  ENODATA,
  ENODEV,
  EEXIST,
  EOVERFLOW,
  mutex_lock,
  mutex_unlock,
  raw_spin_lock_irqsave,
  raw_spin_unlock_irqrestore,
  strcmp,
  text,
  type const_char_ptr,
  type device_node,
  type property,
} from '@pfo-workbench/kernel'
import { __of_add_property_sysfs, __of_remove_property_sysfs, __of_update_property_sysfs } from './kobj.ts'
import {
  of_property_notify,
  OF_RECONFIG_ADD_PROPERTY,
  OF_RECONFIG_REMOVE_PROPERTY,
  OF_RECONFIG_UPDATE_PROPERTY,
} from './reconfig.ts'
import { of } from './state.ts'

/** Models `of_prop_cmp`: property names are compared exactly. */
function of_prop_cmp(a: const_char_ptr, b: const_char_ptr): boolean {
  return strcmp(a, b) === 0
}

/** Models `__of_find_property` (drivers/of/base.c, v4.18), `devtree_lock` held. */
export function __of_find_property(np: device_node | null, name: const_char_ptr): property | null {
  if (np === null) return null
  for (let pp = np.properties; pp !== null; pp = pp.next) {
    if (pp.name !== null && of_prop_cmp(pp.name, name)) return pp
  }
  return null
}

/**
 * Models `of_find_property` (drivers/of/base.c, v4.18). Takes `devtree_lock`, no reference.
 *
 * @returns the property, whose `length` is the `lenp` of C, or null
 */
export function of_find_property(np: device_node | null, name: const_char_ptr): property | null {
  const { devtree_lock } = of()
  raw_spin_lock_irqsave(devtree_lock)
  const pp = __of_find_property(np, name)
  raw_spin_unlock_irqrestore(devtree_lock)
  return pp
}

/** Models `__of_get_property`, `devtree_lock` held. */
export function __of_get_property(np: device_node | null, name: const_char_ptr): cstr | null {
  return __of_find_property(np, name)?.value ?? null
}

/** Models `of_get_property` (drivers/of/base.c, v4.18): the value's bytes, or null if there is no such property. */
export function of_get_property(np: device_node | null, name: const_char_ptr): cstr | null {
  return of_find_property(np, name)?.value ?? null
}

/** Models `of_read_number` (include/linux/of.h): a big-endian number of up to two cells. */
export function of_read_number(cell: cstr, size: number): number {
  let value = 0
  for (let i = 0; i < size; i++) value = value * 2 ** 32 + be32_to_cpup(cell, i)
  return value
}

/** What a property reader found: a value, or a negative errno. */
export type PropertyResult<T> = { readonly value: T } | number

/**
 * Models `of_find_property_value_of_size` (drivers/of/property.c, v4.18).
 *
 * @param minimum - in bytes
 * @returns the value, or -EINVAL (no such property), -ENODATA (no value), -EOVERFLOW (too short)
 */
function of_find_property_value_of_size(
  np: device_node | null,
  name: const_char_ptr,
  minimum: number,
): cstr | number {
  const prop = of_find_property(np, name)
  if (prop === null) return -EINVAL
  if (prop.value === null) return -ENODATA
  return prop.length < minimum ? -EOVERFLOW : prop.value
}

/** Models `of_property_read_u32_index`: cell `index` of a property. */
export function of_property_read_u32_index(
  np: device_node | null,
  name: const_char_ptr,
  index: number,
): PropertyResult<number> {
  const value = of_find_property_value_of_size(np, name, (index + 1) * 4)
  return value instanceof cstr ? { value: be32_to_cpup(value, index) } : value
}

/** Models `of_property_read_u32`. */
export function of_property_read_u32(np: device_node | null, name: const_char_ptr): PropertyResult<number> {
  return of_property_read_u32_index(np, name, 0)
}

/** Models `of_property_read_bool`: whether the property is there. */
export function of_property_read_bool(np: device_node | null, name: const_char_ptr): boolean {
  return of_find_property(np, name) !== null
}

/**
 * Models `of_property_read_string` (drivers/of/property.c, v4.18).
 *
 * @returns a pointer into the property, or -EINVAL, -ENODATA, -EILSEQ (not terminated within its length)
 */
export function of_property_read_string(np: device_node | null, name: const_char_ptr): PropertyResult<cstr> {
  const prop = of_find_property(np, name)
  if (prop === null) return -EINVAL
  const { value, length } = prop
  if (value === null) return -ENODATA
  return text(value).length >= length ? -EILSEQ : { value }
}

/**
 * Models the walk of `of_prop_next_string` (drivers/of/property.c, v4.18): the strings of a list. One that begins within the
 * length is taken, even if its terminator lies behind it.
 */
export function of_property_strings(prop: property | null): string[] {
  const strings: string[] = []
  if (prop?.value == null) return strings
  const { value, length } = prop
  let start = 0
  do {
    const entry = text(advance(value, start))
    strings.push(entry)
    start += entry.length + 1
  } while (start < length)
  return strings
}

/** Models `__of_add_property`: appends. 0, or -EEXIST if the name is there. `devtree_lock` held. */
export function __of_add_property(np: device_node, prop: property): number {
  prop.next = null
  if (np.properties === null) {
    np.properties = prop
    return 0
  }
  for (let last = np.properties; ; last = last.next) {
    if (last.name !== null && prop.name !== null && of_prop_cmp(last.name, prop.name)) return -EEXIST
    if (last.next === null) {
      last.next = prop
      return 0
    }
  }
}

/** Unlinks `prop` from a list; false if it is not in it. */
function unlinkFrom(np: device_node, list: 'properties' | 'deadprops', prop: property): boolean {
  if (np[list] === prop) {
    np[list] = prop.next
    return true
  }
  for (let before = np[list]; before !== null; before = before.next) {
    if (before.next !== prop) continue
    before.next = prop.next
    return true
  }
  return false
}

/** Takes a property out of `deadprops`, where an earlier removal may have put it. */
export function resurrectProperty(np: device_node, prop: property): void {
  unlinkFrom(np, 'deadprops', prop)
}

function buryProperty(np: device_node, prop: property): void {
  prop.next = np.deadprops
  np.deadprops = prop
}

/** Models `__of_remove_property`: to the front of `deadprops`. 0 or -ENODEV. `devtree_lock` held. */
export function __of_remove_property(np: device_node, prop: property): number {
  if (!unlinkFrom(np, 'properties', prop)) return -ENODEV
  buryProperty(np, prop)
  return 0
}

/**
 * Models `__of_update_property`: replaces in place, or appends. `devtree_lock` held.
 *
 * @returns the property that was replaced, or null
 */
export function __of_update_property(np: device_node, newprop: property): property | null {
  let before: property | null = null
  for (let old = np.properties; old !== null; before = old, old = old.next) {
    if (old.name === null || newprop.name === null || !of_prop_cmp(old.name, newprop.name)) continue
    newprop.next = old.next
    if (before === null) np.properties = newprop
    else before.next = newprop
    buryProperty(np, old)
    return old
  }
  newprop.next = null
  if (before === null) np.properties = newprop
  else before.next = newprop
  return null
}

/** Models `of_add_property` (drivers/of/base.c, v4.18): 0 or -EEXIST; file and notification follow. */
export function of_add_property(np: device_node, prop: property): number {
  const { of_mutex, devtree_lock } = of()
  mutex_lock(of_mutex)
  raw_spin_lock_irqsave(devtree_lock)
  const rc = __of_add_property(np, prop)
  raw_spin_unlock_irqrestore(devtree_lock)
  if (rc === 0) __of_add_property_sysfs(np, prop)
  mutex_unlock(of_mutex)
  if (rc === 0) of_property_notify(OF_RECONFIG_ADD_PROPERTY, np, prop, null)
  return rc
}

/** Models `of_remove_property` (drivers/of/base.c, v4.18): 0, or -ENODEV (also for NULL). The property stays allocated. */
export function of_remove_property(np: device_node, prop: property | null): number {
  if (prop === null) return -ENODEV
  const { of_mutex, devtree_lock } = of()
  mutex_lock(of_mutex)
  raw_spin_lock_irqsave(devtree_lock)
  const rc = __of_remove_property(np, prop)
  raw_spin_unlock_irqrestore(devtree_lock)
  if (rc === 0) __of_remove_property_sysfs(np, prop)
  mutex_unlock(of_mutex)
  if (rc === 0) of_property_notify(OF_RECONFIG_REMOVE_PROPERTY, np, prop, null)
  return rc
}

/** Models `of_update_property` (drivers/of/base.c, v4.18): 0, or -EINVAL without a name. The old value stays allocated. */
export function of_update_property(np: device_node, newprop: property): number {
  if (newprop.name === null) return -EINVAL
  const { of_mutex, devtree_lock } = of()
  mutex_lock(of_mutex)
  raw_spin_lock_irqsave(devtree_lock)
  const oldprop = __of_update_property(np, newprop)
  raw_spin_unlock_irqrestore(devtree_lock)
  __of_update_property_sysfs(np, newprop, oldprop)
  mutex_unlock(of_mutex)
  of_property_notify(OF_RECONFIG_UPDATE_PROPERTY, np, newprop, oldprop)
  return 0
}
