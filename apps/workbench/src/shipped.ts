// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { patchId } from '@pfo-workbench/patch'

/** Folder of the shipped patches. */
export const patchFolder: string = fileURLToPath(new URL('../../../patches/', import.meta.url))

/** File with the stacks that are compared by default. */
export const defaultStacksFile: string = join(patchFolder, 'series.yaml')

/** Ids of the shipped patches, sorted. */
export function shippedPatchIds(): string[] {
  return readdirSync(patchFolder)
    .filter((name) => name.endsWith('.patch'))
    .map(patchId)
    .sort()
}
