// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Finds an installed package like Node does, from a folder upwards.
 *
 * @param name - its npm name
 * @param from - where to start, usually `import.meta.dirname`
 * @returns the folder that holds its package.json; null if it is not installed
 */
export function findPackage(name: string, from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const dir = join(folder, 'node_modules', name)
    if (existsSync(join(dir, 'package.json'))) return realpathSync(dir)
    if (folder === dirname(folder)) return null
  }
}

/**
 * Returns the folder of the package that a file belongs to: the nearest folder with a package.json. If there is none,
 * returns the root of the file system.
 */
export function packageOf(file: string): string {
  let folder = dirname(file)
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder)
  return folder
}
