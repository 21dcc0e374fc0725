// SPDX-License-Identifier: GPL-2.0-only
import { missingPath } from '@pfo-workbench/process'
import { join } from 'node:path'

/** A real folder or file at a path of the tree. The first mount that has a path wins. */
export interface OverlayMount {
  /** Path in the tree; empty for the whole tree. */
  readonly path: string
  /** Absolute path in the real file system. */
  readonly from: string
}

/**
 * Writes the overlay for clang's `-ivfsoverlay`. The compiler sees only files in the overlay; the rest of the file
 * system is hidden. Needs clang 16.
 *
 * @param root - path at which the compiler sees the tree
 * @param files - real files that replace files of the mounts, by path in the tree. Null: the file does not exist
 */
export function overlayText(
  root: string,
  files: ReadonlyMap<string, string | null>,
  mounts: readonly OverlayMount[],
): string {
  const place = (path: string): string => (path === '' ? root : join(root, path))
  return JSON.stringify({
    version: 0,
    'case-sensitive': true,
    'overlay-relative': false,
    'redirecting-with': 'redirect-only',
    'use-external-names': false,
    roots: [
      ...[...files].map(([path, from]) => ({
        type: 'file',
        name: place(path),
        'external-contents': from ?? missingPath,
      })),
      ...mounts.map(({ path, from }) => ({
        type: 'directory-remap',
        name: place(path),
        'external-contents': from,
      })),
    ],
  })
}
