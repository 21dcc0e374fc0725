// SPDX-License-Identifier: GPL-2.0-only
import { deflateRawSync } from 'node:zlib'

/**
 * Data as the page carries it: JSON, compressed as `DecompressionStream('deflate-raw')` reads it, in base 64. Nothing of it can end
 * an element of the page.
 */
export function pack(data: unknown): string {
  return deflateRawSync(JSON.stringify(data), { level: 9 }).toString('base64')
}
