// SPDX-License-Identifier: GPL-2.0-only
import { nodeKinds, type NodeKind } from '../node-kinds.ts'
import { ActionError } from './action-error.ts'

/** The modules by their file names in the recordings, with their drivers. */
const modulesByFile: ReadonlyMap<string, { readonly module: string; readonly driver: string }> = new Map([
  ['pseries-rng', { module: 'pseries_rng', driver: 'pseries_rng' }],
  ['nx-compress-pseries', { module: 'nx_compress_pseries', driver: 'nx_compress_pseries' }],
  ['nx-crypto', { module: 'nx_crypto', driver: 'nx-crypto' }],
])

/**
 * A module by its file name or its own name. Like `insmod`, treats dash and underscore as the same.
 *
 * @throws ActionError for an unknown module
 */
export function moduleNamed(name: string): string {
  return entryNamed(name).module
}

/** A driver by its own name, its module's name or the module's file name. @throws ActionError for another name */
export function driverNamed(name: string): string {
  return entryNamed(name).driver
}

function entryNamed(name: string): { readonly module: string; readonly driver: string } {
  const file = name.replace(/^.*\//, '').replace(/\.ko$/, '').replaceAll('_', '-')
  const entry = modulesByFile.get(file)
  if (entry === undefined) {
    throw new ActionError(
      `"${name}" is not a recorded module; known modules: ${[...modulesByFile.keys()].join(', ')}`,
    )
  }
  return entry
}

/**
 * The path of a node that is given by its name in the recordings, by its own name, or by its path.
 *
 * @throws ActionError for an unknown name
 */
export function nodeNamed(name: string): string {
  return name.startsWith('/') ? name : kindNamed(name).path
}

/** A phandle in C syntax, or the phandle of the node with that name. @throws ActionError for an unknown name */
export function handleNamed(name: string): string {
  return /^(0x[0-9a-f]+|\d+)$/i.test(name) ? name : `0x${kindNamed(name).handle.toString(16)}`
}

/** The name of a VIO device, which is its node's name. Accepts this name, and the node's name in the recordings. */
export function deviceNamed(name: string): string {
  return nodeKinds.find(({ kind }) => kind === name)?.name ?? name
}

function kindNamed(name: string): NodeKind {
  const found = nodeKinds.find((one) => [one.kind, one.name, one.path].includes(name))
  if (found === undefined) {
    const kinds = nodeKinds.map(({ kind }) => kind).join(', ')
    throw new ActionError(
      `"${name}" is not a recorded node; known nodes: ${kinds}, their own names, and paths`,
    )
  }
  return found
}
