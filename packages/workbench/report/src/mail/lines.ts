// SPDX-License-Identifier: GPL-2.0-only
import { wrapped } from '../text/lines.ts'

/** Columns of a mail to a list, with room to be quoted. */
export const columns = 72

export function paragraph(text: string): string {
  return wrapped('', text, columns)
}

export function section(title: string, lines: readonly string[]): string {
  return [title, '-'.repeat(title.length), ...lines].join('\n')
}

/** A line of a console stands as it was printed, however long it is. */
export function quoted(line: string): string {
  return `> ${line}`
}
