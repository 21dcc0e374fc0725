// SPDX-License-Identifier: GPL-2.0-only
import picocolors from 'picocolors'
import type { ReportOptions } from '../options.ts'
import { width } from './lines.ts'
import type { Colors } from './status.ts'

/** What a text is made for. */
export interface Look {
  readonly colors: Colors
  /** How wide lines may be. */
  readonly columns: number
}

/** How wide a screen may be; what is narrower or wider is held to these. */
const [narrowest, widest] = [60, 200]

/** What the options ask for. */
export function lookOf({ color = false, columns = width }: Pick<ReportOptions, 'color' | 'columns'>): Look {
  return {
    colors: picocolors.createColors(color),
    columns: Math.min(widest, Math.max(narrowest, columns)),
  }
}
