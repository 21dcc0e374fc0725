// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { codeIdentity } from '@pfo-workbench/code'

/** Hash of the workbench's own code: this package and its dependencies, which determine the results. */
export function codeVersion(): string {
  return codeIdentity(join(import.meta.dirname, '../..'))
}
