// SPDX-License-Identifier: GPL-2.0-only

/** One mail of an mbox, as it stands in the file. */
export interface RawMail {
  readonly text: string
  /** Line number of its first line in the file. */
  readonly line: number
}

/** Whether a line starts a mail: `From `, anything, and after its last colon the end of a time and a year. */
function isFromLine(line: string): boolean {
  if (!line.startsWith('From ')) return false
  // Found from the end, and a few characters looked at: one expression for it all takes hours for a long line of digits.
  const colon = line.lastIndexOf(':')
  if (colon < 9 || !/^\d.\d\d:\d\d/.test(line.slice(colon - 4, colon + 3))) return false
  return parseInt(line.slice(colon + 3), 10) > 90
}

/**
 * Splits an mbox into its mails, at the lines at which `git mailsplit` does. Text that does not start with such a line is
 * one mail up to the first of them.
 */
export function splitMbox(text: string): RawMail[] {
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
