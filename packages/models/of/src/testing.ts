// SPDX-License-Identifier: GPL-2.0-only

/**
 * Helpers for the tests of models with a device tree.
 *
 * @packageDocumentation
 */
import { device_node, kmemdup, kstrdup, kzalloc, OF_DYNAMIC, property, toBytes } from '@pfo-workbench/kernel'
import { must } from '@pfo-workbench/kernel/testing'
import { of_detach_node } from './dynamic.ts'
import { of_node_get, of_node_init, of_node_put, of_node_set_flag } from './node.ts'
import { of_find_node_by_path } from './find.ts'
import { __of_add_property } from './property.ts'

/** An allocated property; strings get a terminator. */
export function newProperty(name: string, value: string | Uint8Array): property {
  const bytes = typeof value === 'string' ? toBytes(value) : value
  const prop = must(kzalloc(property))
  prop.name = kstrdup(name)
  prop.value = kmemdup(bytes)
  prop.length = bytes.length
  return prop
}

/** Detaches a node like the DLPAR code, which holds a reference on the node during the detach. */
export function detachNode(np: device_node): void {
  of_node_get(np)
  of_detach_node(np)
  of_node_put(np)
}

/** An allocated node with these properties and the reference of its creator. It has no parent and is not attached. */
export function newNode(
  fullName: string,
  properties: Readonly<Record<string, string | Uint8Array>>,
  flags: { readonly dynamic: boolean },
): device_node {
  const np = must(kzalloc(device_node))
  np.full_name = kstrdup(fullName)
  of_node_init(np)
  if (flags.dynamic) of_node_set_flag(np, OF_DYNAMIC)
  for (const [name, value] of Object.entries(properties)) __of_add_property(np, newProperty(name, value))
  return np
}

/** The node at a path, without a reference. */
export function nodeAt(path: string): device_node {
  const np = must(of_find_node_by_path(path))
  of_node_put(np)
  return np
}

/** The reference count of a node. */
export function refcountOf(np: device_node): number {
  return np.kobj.kref.refcount.refs
}
