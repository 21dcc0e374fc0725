// SPDX-License-Identifier: GPL-2.0-only
import { ActionError } from './action-error.ts'

/** Module files as the recordings name them, and the modules that are in them. Their drivers have the name on the right. */
const MODULES: ReadonlyMap<string, { readonly module: string; readonly driver: string }> = new Map([
  ['pseries-rng', { module: 'pseries_rng', driver: 'pseries_rng' }],
  ['nx-compress-pseries', { module: 'nx_compress_pseries', driver: 'nx_compress_pseries' }],
  ['nx-crypto', { module: 'nx_crypto', driver: 'nx-crypto' }],
])

/** A module by the name of its file or by its own: dash and underscore are the same, as to `insmod`. */
export function moduleNamed(name: string): string {
  return entryNamed(name).module
}

/** A driver by its own name, by its module's, or by the file of that. */
export function driverNamed(name: string): string {
  return entryNamed(name).driver
}

function entryNamed(name: string): { readonly module: string; readonly driver: string } {
  const file = name.replace(/^.*\//, '').replace(/\.ko$/, '').replaceAll('_', '-')
  const entry = MODULES.get(file)
  if (entry === undefined)
    throw new ActionError(`"${name}" is no recorded module; there are ${listOf(MODULES)}`)
  return entry
}

/** The parent of the facilities. */
export const FACILITIES = '/ibm,platform-facilities'

/** Nodes as the recordings name them, where they are and which handle they have. */
const NODES: ReadonlyMap<string, { readonly path: string; readonly handle: number }> = new Map([
  ['facilities', { path: FACILITIES, handle: 0xfffffff6 }],
  ['random', { path: `${FACILITIES}/ibm,random-v1`, handle: 0xfffffff5 }],
  ['compression', { path: `${FACILITIES}/ibm,compression-v1`, handle: 0xfffffff4 }],
  ['sym-encryption', { path: `${FACILITIES}/ibm,sym-encryption-v1`, handle: 0xfffffff3 }],
])

/** The path of a node: its name in the recordings, its own name, or a path as it is. */
export function nodeNamed(name: string): string {
  return name.startsWith('/') ? name : placeNamed(name).path
}

/** A handle in C syntax, as it is, or the handle of a node of that name. */
export function handleNamed(name: string): string {
  return /^(0x[0-9a-f]+|\d+)$/i.test(name) ? name : `0x${placeNamed(name).handle.toString(16)}`
}

/** The name of the VIO device of a node. */
export function deviceNamed(name: string): string {
  return NODES.has(name) ? lastOf(placeNamed(name).path) : name
}

function placeNamed(name: string): { readonly path: string; readonly handle: number } {
  const found =
    NODES.get(name) ?? [...NODES.values()].find(({ path }) => path === name || lastOf(path) === name)
  if (found === undefined) {
    throw new ActionError(
      `"${name}" is no recorded node; there are ${listOf(NODES)}, their own names, and paths`,
    )
  }
  return found
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function listOf(names: ReadonlyMap<string, unknown>): string {
  return [...names.keys()].join(', ')
}
