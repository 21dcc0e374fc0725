// SPDX-License-Identifier: GPL-2.0-only

/** Which files a patch may touch. The engine that the patch is for says so. */
export interface PatchPaths {
  /** The accepted paths in words, for messages. */
  readonly inWords: string
  /** Matches the accepted paths. Paths are relative, with `/`, without the `a/` or `b/` of the diff. */
  readonly pattern: RegExp
  /** What a path is that `pattern` does not match; follows the path in messages ("is not a source file of a model"). */
  readonly otherwise: string
  /** Whether a patch may add executable files and change the mode of files. */
  readonly executables: boolean
  /** Old path to new path of files that have moved. */
  readonly moved: ReadonlyMap<string, string>
  /** If patches of the kernel's C files are not accepted: what to do instead, as a sentence. */
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

/** Within what file systems accept, with a folder before it. */
const longestPath = 250

/** A path as messages show it, cut if it is overlong. */
export function shownPath(path: string): string {
  return path.length > longestPath ? `${path.slice(0, longestPath)}…` : path
}

/**
 * Why a patch may not touch a path, or null if it may.
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
