// SPDX-License-Identifier: GPL-2.0-only
import { wrapped } from '../text/lines.ts'

/** Columns of a mail to a list, with room to be quoted. */
export const columns = 72

export function paragraph(text: string): string {
  return wrapped('', text, columns)
}
