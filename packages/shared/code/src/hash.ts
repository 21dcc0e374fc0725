// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'

/** Hashes a sequence of texts. The hash depends on the boundaries between them. */
export function hashOf(texts: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${String(Buffer.byteLength(text))}:`).update(text)
  return hash.digest('hex')
}
