// SPDX-License-Identifier: GPL-2.0-only
import { hashOf } from '@pfo-workbench/code'

/** Source files by the path that patches use. */
export type SourceFiles = ReadonlyMap<string, string>

/** Sorts files by path, so that the order does not depend on the file system or on earlier changes. */
export function sorted(files: SourceFiles): SourceFiles {
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Hashes source files with their paths. The order of the files does not matter. */
export function hashFiles(files: SourceFiles): string {
  return hashOf([...sorted(files)].flat())
}
