// SPDX-License-Identifier: GPL-2.0-only
import { kfree, kmalloc, kstrdup, kzalloc, property, type cstr } from '@pfo-workbench/kernel'

/** A property in allocations of its own, with its value's bytes at hand. */
export interface OwnProperty {
  readonly prop: property
  readonly value: cstr
}

/**
 * Allocates a property: itself, its name, then room for its value. Its length is the caller's to set.
 *
 * @param size - bytes for the value
 * @returns null when memory is short for any of the three; nothing is left behind then
 */
export function allocateProperty(name: cstr, size: number): OwnProperty | null {
  const prop = kzalloc(property)
  if (prop === null) return null
  prop.name = kstrdup(name)
  const value = prop.name === null ? null : kmalloc(size)
  if (value === null) {
    freeProperty(prop)
    return null
  }
  prop.value = value
  return { prop, value }
}

/** Frees a property that belongs to no node: name, value, itself. */
export function freeProperty(prop: property): void {
  kfree(prop.name)
  kfree(prop.value)
  kfree(prop)
}
