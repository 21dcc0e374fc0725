// SPDX-License-Identifier: GPL-2.0-only

import type { ByteString } from './transfer.ts'

/** One mail of an mbox, as it stands in the file. */
export interface RawMail {
  readonly text: ByteString
  /** Line number of its first line in the file. */
  readonly line: number
}

/** Whether a line starts a mail: `From `, anything, and the end of a time and a year around its last colon. */
function isFromLine(line: string): boolean {
  if (!line.startsWith('From ')) return false
  // Searched from the end: one regular expression for all of it takes quadratic time on a long line of digits.
  const colon = line.lastIndexOf(':')
  if (colon < 9 || !/^\d.\d\d:\d\d/.test(line.slice(colon - 4, colon + 3))) return false
  return parseInt(line.slice(colon + 3), 10) > 90
}

/**
 * Splits an mbox into mails, at the lines at which `git mailsplit` does. Text before the first such line is a mail as well.
 */
export function splitMbox(text: ByteString): RawMail[] {
  const mails: RawMail[] = []
  const lines = text.split('\n')
  let start = 0
  const cut = (end: number): void => {
    const part = lines.slice(start, end).join('\n')
    if (part.trim() !== '') mails.push({ text: part.endsWith('\n') ? part : `${part}\n`, line: start + 1 })
    start = end
  }
  lines.forEach((line, index) => {
    if (isFromLine(line)) cut(index)
  })
  cut(lines.length)
  return mails
}
