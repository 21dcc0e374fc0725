// SPDX-License-Identifier: GPL-2.0-only
import type { HostFunction } from '@pfo-workbench/machine'
import { hostFunctions } from '@pfo-workbench/host'
import { link, type Image } from '@pfo-workbench/image'
import type { ObjectFile } from '@pfo-workbench/object'
import { engineWatches } from '../subject/boot.ts'
import { roots } from '../subject/roots.ts'

/** Arrays that only the file which defines them knows the size of. */
const dataSizes: ReadonlyMap<string, number> = new Map([['rtas_data_buf', 4096]])

/** Names of all functions in C's place. */
export function hostNames(): ReadonlySet<string> {
  return new Set(hostStatuses().keys())
}

/**
 * Links the objects of a kernel into an image for the engine.
 *
 * @param more - functions that the caller calls by name, besides those that the engine does
 * @throws LinkError if the objects do not go together
 */
export function linkKernel(objects: readonly ObjectFile[], more: readonly string[] = []): Image {
  return link(objects, { hosts: hostNames(), roots: [...roots, ...more], watch: engineWatches, dataSizes })
}

/** The functions in C's place: whether each does what the kernel's does, or only pretends. */
export function hostStatuses(): ReadonlyMap<string, HostFunction['status']> {
  const hosts = hostFunctions(() => {
    throw new Error('there is no firmware while nothing runs')
  })
  return new Map(Object.entries(hosts).map(([name, { status }]) => [name, status]))
}
