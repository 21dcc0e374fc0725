// SPDX-License-Identifier: GPL-2.0-only
import { kfree, kmalloc, kstrdup, kzalloc, property, type cstr } from '@pfo-workbench/kernel'

/** A newly allocated property and its value's bytes. */
export interface OwnProperty {
  readonly prop: property
  readonly value: cstr
}

/**
 * Allocates a property, its name and room for its value. The caller sets the length.
 *
 * @param size - bytes for the value
 * @returns null if any of the three allocations fails; nothing is leaked
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

/** Frees a property that belongs to no node, with its name and value. */
export function freeProperty(prop: property): void {
  kfree(prop.name)
  kfree(prop.value)
  kfree(prop)
}
