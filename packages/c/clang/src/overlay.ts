// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'

/** A real folder or file that stands for a path of the tree; the first that has a path wins. */
export interface OverlayMount {
  /** Path in the tree; empty for all of it. */
  readonly path: string
  /** Real, absolute path. */
  readonly from: string
}

/** A path that no machine has. */
const nowhere = '/dev/null/nowhere'

/**
 * The text of an overlay for clang's `-ivfsoverlay` that is all the compiler sees of the machine: what is not in it does not exist.
 * Needs clang 16.
 *
 * @param root - where the tree seems to be
 * @param files - real files that lie over the mounts, by path in the tree; null: there is no such file
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
        'external-contents': from ?? nowhere,
      })),
      ...mounts.map(({ path, from }) => ({
        type: 'directory-remap',
        name: place(path),
        'external-contents': from,
      })),
    ],
  })
}
