// SPDX-License-Identifier: GPL-2.0-only
import { wrapped } from '../text/lines.ts'

/** Width of a mail to a list; leaves room for quoting. */
export const columns = 72

export function paragraph(text: string): string {
  return wrapped('', text, columns)
}
