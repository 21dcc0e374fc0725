// SPDX-License-Identifier: GPL-2.0-only
import { findPackage } from '@pfo-workbench/code'
import { VariantError } from './error.ts'

/** An installed package. */
export interface InstalledPackage {
  /** Its npm name. */
  readonly name: string
  /** The folder that holds its package.json. */
  readonly dir: string
}

/**
 * Finds installed packages like Node does, from a folder upwards.
 *
 * @param names - npm names
 * @param from - where to start, usually `import.meta.dirname`
 * @throws VariantError `sources` if a package is not installed
 */
export function findPackages(names: readonly string[], from: string): InstalledPackage[] {
  return names.map((name) => {
    const dir = findPackage(name, from)
    if (dir !== null) return { name, dir }
    throw new VariantError(
      'sources',
      `${name} is not installed: no node_modules/${name} in ${from} or above it.`,
    )
  })
}
