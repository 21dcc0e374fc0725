// SPDX-License-Identifier: GPL-2.0-only
import picocolors from 'picocolors'
import type { ReportOptions } from '../options.ts'
import { width } from './lines.ts'
import type { Colors } from './status.ts'

/** Colours and width of a text. */
export interface TextStyle {
  readonly colors: Colors
  /** Maximum width of a line. */
  readonly columns: number
}

/** Limits of the width; a narrower or wider terminal is treated as if it had the limit. */
const [narrowest, widest] = [60, 200]

/** Derives colours and width from the options. */
export function textStyleOf({
  color = false,
  columns = width,
}: Pick<ReportOptions, 'color' | 'columns'>): TextStyle {
  return {
    colors: picocolors.createColors(color),
    columns: Math.min(widest, Math.max(narrowest, columns)),
  }
}
