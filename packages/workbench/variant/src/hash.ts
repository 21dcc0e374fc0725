// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'

/** Source files by the path that patches use for them, in the order of the paths. */
export type SourceFiles = ReadonlyMap<string, string>

/** The same files in the order of their paths, which no file system or sequence of changes influences. */
export function sorted(files: SourceFiles): SourceFiles {
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A hash that tells texts apart by their sequence and content. */
export function hashOf(texts: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${String(Buffer.byteLength(text))}:`).update(text)
  return hash.digest('hex')
}

/** The identity of sources. */
export function hashFiles(files: SourceFiles): string {
  return hashOf([...sorted(files)].flat())
}
