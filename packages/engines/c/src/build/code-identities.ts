// SPDX-License-Identifier: GPL-2.0-only
import { fileURLToPath } from 'node:url'
import { codeIdentity, hashOf } from '@pfo-workbench/code'
import { findPackages } from '@pfo-workbench/variant'

/** The packages that turn a C file into an object. */
export const objectPackages: readonly string[] = ['@pfo-workbench/clang', '@pfo-workbench/object']

let ofObjects: string | null = null
let ofEngine: string | null = null

/** Hash of the code that turns a C file into an object, with all workbench packages that this code depends on. */
export function objectCodeIdentity(): string {
  return (ofObjects ??= hashOf(
    findPackages(objectPackages, import.meta.dirname).map(({ dir }) => codeIdentity(dir)),
  ))
}

/** Hash of the code of this package, with all workbench packages that it depends on. */
export function engineCodeIdentity(): string {
  return (ofEngine ??= codeIdentity(fileURLToPath(new URL('../..', import.meta.url))))
}
