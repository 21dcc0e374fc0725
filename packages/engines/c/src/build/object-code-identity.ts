// SPDX-License-Identifier: GPL-2.0-only
import { codeIdentity, hashOf } from '@pfo-workbench/code'
import { findPackages } from '@pfo-workbench/variant'

/** The packages that turn a C file into an object. */
export const objectPackages: readonly string[] = ['@pfo-workbench/clang', '@pfo-workbench/object']

let known: string | null = null

/** Hash of the code that turns a C file into an object, with all workbench packages that this code depends on. */
export function objectCodeIdentity(): string {
  return (known ??= hashOf(
    findPackages(objectPackages, import.meta.dirname).map(({ dir }) => codeIdentity(dir)),
  ))
}
