// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'

/** Source files by the path that patches use. */
export type SourceFiles = ReadonlyMap<string, string>

/** Sorts files by path, so that the order does not depend on the file system or on earlier changes. */
export function sorted(files: SourceFiles): SourceFiles {
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Hashes a sequence of texts. The hash depends on the boundaries between them. */
export function hashOf(texts: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${String(Buffer.byteLength(text))}:`).update(text)
  return hash.digest('hex')
}

/** Hashes source files. */
export function hashFiles(files: SourceFiles): string {
  return hashOf([...sorted(files)].flat())
}
