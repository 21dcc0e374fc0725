// SPDX-License-Identifier: GPL-2.0-only
import { deflateRawSync } from 'node:zlib'

/**
 * Packs data for the page: JSON, compressed for `DecompressionStream('deflate-raw')`, in base64. Base64 cannot close an
 * HTML element.
 */
export function pack(data: unknown): string {
  return deflateRawSync(JSON.stringify(data), { level: 9 }).toString('base64')
}
