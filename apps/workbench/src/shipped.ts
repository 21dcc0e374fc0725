// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { patchId } from '@pfo-workbench/patch'

/** The folder of the patches that come with the workbench. */
export const patchFolder: string = fileURLToPath(new URL('../../../patches/', import.meta.url))

/** The stacks that are compared when nothing else is said. */
export const defaultSeries: string = join(patchFolder, 'series.yaml')

/** Ids of the patches that come with the workbench, sorted. */
export function shippedPatchIds(): string[] {
  return readdirSync(patchFolder)
    .filter((name) => name.endsWith('.patch'))
    .map(patchId)
    .sort()
}
