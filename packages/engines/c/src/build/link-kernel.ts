// SPDX-License-Identifier: GPL-2.0-only
import type { HostFunction } from '@pfo-workbench/machine'
import { hostFunctions } from '@pfo-workbench/host'
import { link, type Image } from '@pfo-workbench/image'
import type { ObjectFile } from '@pfo-workbench/object'
import { engineWatches } from '../subject/boot.ts'
import { roots } from '../subject/roots.ts'

/** Arrays whose size is known only in the file that defines them. */
const dataSizes: ReadonlyMap<string, number> = new Map([['rtas_data_buf', 4096]])

/** Names of all host functions. */
export function hostNames(): ReadonlySet<string> {
  return new Set(hostStatuses().keys())
}

/**
 * Links the objects of a kernel into an image for the engine.
 *
 * @param more - functions that the caller calls by name, in addition to those that the engine calls
 * @throws LinkError if the objects cannot be linked
 */
export function linkKernel(objects: readonly ObjectFile[], more: readonly string[] = []): Image {
  return link(objects, { hosts: hostNames(), roots: [...roots, ...more], watch: engineWatches, dataSizes })
}

/** For each host function: it behaves like the kernel's function, or it only returns a value. */
export function hostStatuses(): ReadonlyMap<string, HostFunction['status']> {
  const hosts = hostFunctions(() => {
    throw new Error('there is no firmware while nothing runs')
  })
  return new Map(Object.entries(hosts).map(([name, { status }]) => [name, status]))
}
