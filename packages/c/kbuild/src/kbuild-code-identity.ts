// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { codeIdentity } from '@pfo-workbench/code'

let known: string | null = null

/**
 * Hash of the code of this package and of the packages that it uses. Part of the key of everything that this package
 * caches, because other code may compute something else.
 */
export function kbuildCodeIdentity(): string {
  return (known ??= codeIdentity(join(import.meta.dirname, '..')))
}
