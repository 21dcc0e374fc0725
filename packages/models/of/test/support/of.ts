// SPDX-License-Identifier: GPL-2.0-only
import { bootMachine, text, type BootOptions, type KernelConfig, type Machine } from '@pfo-workbench/kernel'
import { must } from '@pfo-workbench/kernel/testing'
import {
  __of_find_all_nodes,
  of_attach_node,
  ofCore,
  type device_node,
  type property,
} from '../../src/index.ts'
import { newNode, newProperty, nodeAt as at, refcountOf as refs } from '../../src/testing.ts'
import { bytesOf, flatten, node, type TreeNode, type Value } from './dtb.ts'

export { at, refs }

/** A machine with the OF core, booted from a flattened `tree`. */
export function boot(
  tree: TreeNode,
  config: Partial<KernelConfig> = {},
  options: Partial<BootOptions> = {},
): Machine {
  return bootMachine({ devicetree: flatten(tree), subsystems: [ofCore], config, ...options })
}

export const CPU = '/cpus/PowerPC,POWER9@0'
export const P = '/ibm,platform-facilities'
export const R = `${P}/ibm,random-v1`
export const C = `${P}/ibm,compression-v1`
export const S = `${P}/ibm,sym-encryption-v1`

/** A root with the platform facilities of a PowerVM partition, in the order of firmware's blob. */
export function facilities(): TreeNode {
  const facility = (name: string, phandle: number): TreeNode =>
    node(`ibm,${name}-v1`, {
      device_type: `ibm,${name}-v1`,
      compatible: `ibm,${name}`,
      'ibm,phandle': [phandle],
    })
  return node('', { compatible: 'IBM,9009-42A', '#address-cells': [2] }, [
    node('cpus', { phandle: [1] }, [node('PowerPC,POWER9@0', { device_type: 'cpu', reg: [0] })]),
    node('ibm,platform-facilities', { device_type: 'ibm,platform-facilities', 'ibm,phandle': [0xfffffff6] }, [
      facility('random', 0xfffffff5),
      facility('compression', 0xfffffff4),
      facility('sym-encryption', 0xfffffff3),
    ]),
    node('aliases', { cpu0: CPU }),
  ])
}

/** Names of the nodes of `facilities()` other than the root, in walk order. */
export const belowRoot: readonly string[] = [
  'cpus',
  'PowerPC,POWER9@0',
  'ibm,platform-facilities',
  'ibm,random-v1',
  'ibm,compression-v1',
  'ibm,sym-encryption-v1',
  'aliases',
]

/** Last component of a node's path. */
export function nameOf(np: device_node | null): string | null {
  return np === null ? null : text(must(np.full_name))
}

/** Sum of all counters in the tree; a balanced call leaves it unchanged. */
export function total(): number {
  let sum = 0
  for (let np = __of_find_all_nodes(null); np !== null; np = __of_find_all_nodes(np)) sum += refs(np)
  return sum
}

/** Last path components of the nodes in the tree, in walk order. */
export function treeOrder(): string[] {
  const names: string[] = []
  for (let np = __of_find_all_nodes(null); np !== null; np = __of_find_all_nodes(np)) {
    names.push(text(must(np.full_name)) || '/')
  }
  return names
}

/** A property whose name and value are allocated, like those of dynamic nodes. */
export function new_property(name: string, value: Value): property {
  return newProperty(name, bytesOf(value))
}

/** A node as `configure-connector` or `/proc/powerpc/ofdt` creates it: dynamic, count 1, not attached. */
export function new_node(
  full_name: string,
  parent: device_node | null,
  properties: Readonly<Record<string, Value>> = {},
): device_node {
  const values = Object.entries(properties).map(([name, value]) => [name, bytesOf(value)] as const)
  const np = newNode(full_name, Object.fromEntries(values), { dynamic: true })
  np.parent = parent
  return np
}

/** Attaches a dynamic node below the node at `parent`. */
export function attach(
  parent: string,
  full_name: string,
  properties: Readonly<Record<string, Value>> = {},
): device_node {
  const np = new_node(full_name, at(parent), { name: full_name.replace(/@.*/, ''), ...properties })
  of_attach_node(np)
  return np
}
