// SPDX-License-Identifier: GPL-2.0-only

import type { PatchError } from './error.ts'

/** Which paths a patch may touch. Who applies patches says so. */
export interface PathRules {
  /** The paths in words, for messages. */
  readonly accepted: string
  /**
   * Why a patch may not touch a path, as the end of a sentence, or null if it may.
   *
   * @param path - relative, without `..` and special characters
   */
  fault(path: string): string | null
  /**
   * Recognises a patch that was made for something else.
   *
   * @param lines - the text that holds the diff; it need not be well formed
   * @param source - where it came from
   * @returns what to say of it, or null if it is none that is known
   */
  foreign?(lines: readonly string[], source: string): PatchError | null
}

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
export function pathFault(path: string, rules: PathRules): string | null {
  if (path.length > longestPath) return 'is too long'
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute'
  if (path.split('/').some((part) => part === '..' || part === '.')) return "contains '.' or '..'"
  if (/["\\]|\p{Cc}/u.test(path)) return 'contains special characters'
  return rules.fault(path)
}
