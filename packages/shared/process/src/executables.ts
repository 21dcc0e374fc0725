// SPDX-License-Identifier: GPL-2.0-only
import { delimiter, isAbsolute, resolve } from 'node:path'
import which from 'which'

/**
 * `PATH` for child processes and for `findExecutable`: the absolute folders of the user's `PATH`, then `/usr/bin` and
 * `/bin`. Relative folders are dropped: they depend on the current folder, which may be a hostile tree.
 */
export function searchPath(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder))
  return [...folders, '/usr/bin', '/bin'].join(delimiter)
}

/** True if a path names a regular file that this user may execute. */
export function isExecutable(file: string): boolean {
  // A path without a slash would be searched for in PATH.
  return which.sync(resolve(file), { nothrow: true }) !== null
}

/**
 * Looks for a program in the folders of `searchPath`.
 *
 * @param name - file name without a folder
 * @returns the absolute path of the program, or null
 */
export function findExecutable(name: string): string | null {
  // `which` does not search for a name with a slash: it takes the name as a path from the current folder.
  return name.includes('/') ? null : which.sync(name, { path: searchPath(), nothrow: true })
}
