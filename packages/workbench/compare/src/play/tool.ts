// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { codeIdentity } from '@pfo-workbench/variant'

/** Identity of the workbench's own code, from this package on: it depends on all that decides what a run is found to be. */
export function toolVersion(): string {
  return codeIdentity(join(import.meta.dirname, '../..'))
}
