// SPDX-License-Identifier: GPL-2.0-only

import type { ByteString } from './transfer.ts'

/** One unparsed mail of an mbox. */
export interface RawMail {
  readonly text: ByteString
  /** Line number of its first line in the file. */
  readonly line: number
}

/** True if a line starts a mail: it begins with `From `, and its last colon is part of a time that a year follows. */
function isFromLine(line: string): boolean {
  if (!line.startsWith('From ')) return false
  // Search from the end: a single regular expression takes quadratic time on a long line of digits.
  const colon = line.lastIndexOf(':')
  if (colon < 9 || !/^\d.\d\d:\d\d/.test(line.slice(colon - 4, colon + 3))) return false
  return parseInt(line.slice(colon + 3), 10) > 90
}

/**
 * Splits an mbox into mails, at the same lines as `git mailsplit`. Text before the first such line counts as a mail.
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
