// SPDX-License-Identifier: GPL-2.0-only
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/** Absolute folders of the search path. A relative one depends on where the user stands, which may be a hostile tree. */
function searchFolders(): readonly string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder))
  return [...folders, '/usr/bin', '/bin']
}

/** The search path for children: the absolute folders of the user's. */
export function searchPath(): string {
  return searchFolders().join(delimiter)
}

/** Whether a path names a file that this user may execute. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/**
 * Looks for a program in the absolute folders of `PATH`.
 *
 * @param name - file name without a folder
 * @returns its path, or null
 */
export function findProgram(name: string): string | null {
  return (
    searchFolders()
      .map((folder) => join(folder, name))
      .find(isProgram) ?? null
  )
}
