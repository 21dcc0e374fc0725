// SPDX-License-Identifier: GPL-2.0-only

/** The files that a patch may touch, as defined by the target engine. */
export interface PatchPaths {
  /** The accepted paths in words, for messages. */
  readonly inWords: string
  /** Matches the accepted paths. Paths are relative, with `/`, without the `a/` or `b/` of the diff. */
  readonly pattern: RegExp
  /** End of the message about any other path, after the path itself: "is not a source file of a model". */
  readonly otherwise: string
  /** True if a patch may add executable files and change file modes. */
  readonly executables: boolean
  /** Old path to new path of files that have moved. */
  readonly moved: ReadonlyMap<string, string>
  /** Advice for users who pass a patch of the kernel's C files, as a sentence; null for none. */
  readonly insteadOfKernelPatch: string | null
}

/** Any file of a kernel tree. */
export const kernelPaths: PatchPaths = {
  inWords: 'files of the kernel tree, with paths relative to it',
  pattern: /^[^/]/,
  otherwise: 'is not a path in the kernel tree',
  executables: true,
  moved: new Map(),
  insteadOfKernelPatch: null,
}

/** Maximum length of a path. It is within the limits of file systems, even if the tree is in another folder. */
const longestPath = 250

/** A path for messages, shortened if it is too long. */
export function shownPath(path: string): string {
  return path.length > longestPath ? `${path.slice(0, longestPath)}…` : path
}

/**
 * Returns the reason why a patch may not touch a path, or null if it may.
 *
 * @param path - relative to the tree, without the `a/` or `b/` of the diff
 */
export function pathFault(path: string, { pattern, otherwise }: PatchPaths): string | null {
  if (path.length > longestPath) return 'is too long'
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute'
  if (path.split('/').some((part) => part === '..' || part === '.' || part === '' || part === '.git')) {
    return "contains '.', '..', '.git' or an empty name"
  }
  if (/["\\]|\p{Cc}/u.test(path)) return 'contains special characters'
  return pattern.test(path) ? null : otherwise
}
