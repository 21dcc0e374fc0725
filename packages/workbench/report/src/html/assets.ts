// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A style sheet or script that stands in the page. */
export interface Asset {
  readonly text: string
  /** As a content security policy names it. */
  readonly source: string
}

/**
 * Reads a file of this package's folder `assets`, which is as far from `dist` as from `src`.
 */
export function asset(name: string): Asset {
  const text = readFileSync(new URL(`../../assets/${name}`, import.meta.url), 'utf8')
  return { text, source: `'sha256-${createHash('sha256').update(text).digest('base64')}'` }
}
