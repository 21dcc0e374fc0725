// SPDX-License-Identifier: GPL-2.0-only

/** What patches may touch, in words. */
export const acceptedPaths = 'packages/models/<model>/src/**/*.ts'

const modelSource =
  /^packages\/models\/[a-z0-9][a-z0-9-]*\/src\/(?:[A-Za-z0-9_][A-Za-z0-9_.-]*\/)*[A-Za-z0-9_][A-Za-z0-9_.-]*\.ts$/

/** Well within what file systems accept, with a folder before it. */
const longestPath = 250

/** A name as messages show it: the end of one that is long says nothing. */
export function shownName(name: string): string {
  return name.length > longestPath ? `${name.slice(0, longestPath)}…` : name
}

/**
 * Why a patch may not touch a path, or null if it may.
 *
 * @param path - relative to the repository, without the `a/` or `b/` of the diff
 */
export function pathFault(path: string): string | null {
  if (path.length > longestPath) return 'is too long'
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute'
  if (path.split('/').some((part) => part === '..' || part === '.')) return "contains '.' or '..'"
  if (/["\\]|\p{Cc}/u.test(path)) return 'contains special characters'
  if (!modelSource.test(path)) return 'is not a source file of a model'
  return null
}
