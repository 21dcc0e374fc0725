// SPDX-License-Identifier: GPL-2.0-only
import { hostFunctions } from '@pfo-workbench/host'
import { link, type Image } from '@pfo-workbench/image'
import type { ObjectFile } from '@pfo-workbench/object'
import { engineWatches } from '../subject/boot.ts'
import { roots } from '../subject/roots.ts'

/** Arrays that only the file which defines them knows the size of. */
const dataSizes: ReadonlyMap<string, number> = new Map([['rtas_data_buf', 4096]])

/** Names of all functions in C's place. Firmware is not needed to know them. */
export function hostNames(): ReadonlySet<string> {
  const none = (): never => {
    throw new Error('there is no firmware while an image is linked')
  }
  return new Set(Object.keys(hostFunctions(none)))
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
