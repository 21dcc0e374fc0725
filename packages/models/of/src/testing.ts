// SPDX-License-Identifier: GPL-2.0-only

/**
 * Helpers for the tests of models with a device tree.
 *
 * @packageDocumentation
 */
import { kmemdup, kstrdup, kzalloc, property, toBytes, type device_node } from '@pfo-workbench/kernel'
import { must } from '@pfo-workbench/kernel/testing'
import { of_node_get, of_node_put } from './node.ts'
import { of_detach_node } from './dynamic.ts'

/** An allocated property; strings get a terminator. */
export function newProperty(name: string, value: string | Uint8Array): property {
  const bytes = typeof value === 'string' ? toBytes(value) : value
  const prop = must(kzalloc(property))
  prop.name = kstrdup(name)
  prop.value = kmemdup(bytes)
  prop.length = bytes.length
  return prop
}

/** Detaches a node like the DLPAR code, which holds a reference on it meanwhile. */
export function detachNode(np: device_node): void {
  of_node_get(np)
  of_detach_node(np)
  of_node_put(np)
}
