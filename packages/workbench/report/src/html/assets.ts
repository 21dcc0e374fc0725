// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A style sheet or script that is embedded in the page. */
export interface Asset {
  readonly text: string
  /** Hash source for the content security policy. */
  readonly source: string
}

/** Reads a file of the folder `assets` of this package. The relative path is the same from `dist` and from `src`. */
export function asset(name: string): Asset {
  const text = readFileSync(new URL(`../../assets/${name}`, import.meta.url), 'utf8')
  return { text, source: `'sha256-${createHash('sha256').update(text).digest('base64')}'` }
}
