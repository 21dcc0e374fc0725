// SPDX-License-Identifier: GPL-2.0-only
import { hostFunctions } from '@pfo-workbench/host'
import { link, type Image } from '@pfo-workbench/image'
import type { HostFunction } from '@pfo-workbench/machine'
import type { ObjectFile } from '@pfo-workbench/object'
import { engineWatches } from '../booted/boot.ts'
import { roots } from '../booted/roots.ts'

/** Arrays whose size is known only in the file that defines them. */
const dataSizes: ReadonlyMap<string, number> = new Map([['rtas_data_buf', 4096]])

/**
 * Links the objects of a kernel into an image for the engine.
 *
 * @param more - functions that the caller calls by name, in addition to those that the engine calls
 * @throws LinkError if the objects cannot be linked
 */
export function linkKernel(objects: readonly ObjectFile[], more: readonly string[] = []): Image {
  return link(objects, {
    hosts: hostFunctionStatuses(),
    roots: [...roots, ...more],
    watch: engineWatches,
    dataSizes,
  })
}

/** All host functions, by name. */
export function hostFunctionStatuses(): ReadonlyMap<
  string,
  Pick<HostFunction, 'status' | 'file' | 'onlyMissing'>
> {
  const hosts = hostFunctions(() => {
    throw new Error('there is no firmware while nothing runs')
  })
  return new Map(Object.entries(hosts))
}
