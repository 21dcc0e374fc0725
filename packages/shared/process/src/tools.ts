// SPDX-License-Identifier: GPL-2.0-only
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/**
 * Absolute folders of `PATH`. Relative ones are dropped: they depend on the current folder, which may be a hostile
 * tree.
 */
function searchFolders(): readonly string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder))
  return [...folders, '/usr/bin', '/bin']
}

/** `PATH` for child processes: the absolute folders of the user's `PATH`, then `/usr/bin` and `/bin`. */
export function searchPath(): string {
  return searchFolders().join(delimiter)
}

/** True if a path names a regular file that this user may execute. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/**
 * Looks for a program in the absolute folders of `PATH`, then in `/usr/bin` and `/bin`.
 *
 * @param name - file name without a folder
 * @returns the path of the program, or null
 */
export function findProgram(name: string): string | null {
  return (
    searchFolders()
      .map((folder) => join(folder, name))
      .find(isProgram) ?? null
  )
}
