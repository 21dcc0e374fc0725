// SPDX-License-Identifier: GPL-2.0-only
import { hostFunctions } from '@pfo-workbench/host'
import { link, type Image } from '@pfo-workbench/image'
import { parseModule } from '@pfo-workbench/ir'
import type { HostFunction } from '@pfo-workbench/machine'
import { translate, type ObjectFile } from '@pfo-workbench/object'
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
  return link([...objects, ...structsOfModules(objects)], {
    hosts: hostFunctionStatuses(),
    roots: [...roots, ...more],
    watch: engineWatches,
    dataSizes,
  })
}

/**
 * One object per module, which defines its `__this_module`. Kbuild generates such a file for each module
 * (`NAME.mod.c`). Here the structure is zero: the machine counts references to modules itself.
 */
function structsOfModules(objects: readonly ObjectFile[]): readonly ObjectFile[] {
  const made = new Map<string, ObjectFile>()
  for (const { module, bigEndian, externalData } of objects) {
    const declared = externalData.find(({ name }) => name === '__this_module')
    if (module === null || declared === undefined || made.has(module)) continue
    const { name, size, alignment, type } = declared
    const empty = translate(parseModule(''), { file: `${module}.mod.c`, module })
    const struct = { name, size, alignment, type, linkage: 'global', section: null, start: null } as const
    made.set(module, { ...empty, bigEndian, data: [{ ...struct, relocations: [], problem: null }] })
  }
  return [...made.values()]
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
