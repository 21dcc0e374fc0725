// SPDX-License-Identifier: GPL-2.0-only
import type { Mail } from './mail.ts'
import { decodeHeader } from './transfer.ts'

/** What a mail says about its patch, and where in its lines the diff may start. */
export interface Message {
  readonly subject: string
  readonly author: string
  readonly date: string
  readonly body: string
  /** Which patch of a series the subject says it is (`[PATCH v3 2/5]`), or null. */
  readonly part: SeriesPart | null
  /** Index of the first line that no longer belongs to the message. */
  readonly end: number
}

/** The place of a patch in a series. */
export interface SeriesPart {
  /** All of the brackets but the number: the same for all patches of a series. */
  readonly series: string
  readonly number: number
}

function seriesPart(subject: string): SeriesPart | null {
  for (const [, tag = ''] of subject.matchAll(/\[([^[\]]*)\]/g)) {
    const match = /(?<![\d/])(\d{1,4})\/\d{1,4}/.exec(tag)
    if (match === null) continue
    const number = match[1] ?? ''
    return {
      series: tag.slice(0, match.index) + tag.slice(match.index + number.length),
      number: Number(number),
    }
  }
  return null
}

/** Drops `Re:` and `[PATCH v2 1/3]` from a subject, as `git am` does. */
function cleanSubject(subject: string): string {
  return subject.replace(/^(?:\s|:|re:|\[[^\]]*\])+/i, '').trim()
}

/** Whether a line ends the message: `---`, or the first line of a diff. */
function endsMessage(line: string): boolean {
  return /^(?:diff -|Index: |--- \S|---\s*$)/.test(line)
}

/** Fields that stand at the top of the body and take the place of the mail's own (`From:` of the real author). */
function inBodyHeaders(lines: readonly string[]): { fields: Map<string, string>; next: number } {
  const fields = new Map<string, string>()
  let next = 0
  while (lines[next]?.trim() === '') next++
  const start = next
  for (; ; next++) {
    const field = /^(From|Subject|Date): (.*)$/.exec(lines[next] ?? '')
    if (field === null) break
    fields.set((field[1] ?? '').toLowerCase(), field[2] ?? '')
  }
  return next > start ? { fields, next } : { fields, next: 0 }
}

/** A commit message whose subject is not told from its body: the subject is the first paragraph, on one line. */
function firstParagraph(text: string): Pick<Message, 'subject' | 'body'> {
  const [subject = '', ...body] = text.split(/\n\s*\n/)
  return { subject: subject.replaceAll('\n', ' '), body: body.join('\n\n') }
}

/**
 * Reads subject, author, date and message of a patch mail.
 *
 * @throws DecodeError when an encoded word of a header does not decode
 */
export function readMessage(mail: Mail): Message {
  const inBody =
    mail.headers === null ? { fields: new Map<string, string>(), next: 0 } : inBodyHeaders(mail.lines)
  const field = (name: string): string =>
    decodeHeader(inBody.fields.get(name) ?? mail.headers?.get(name) ?? '').trim()
  let end = mail.lines.findIndex((line, index) => index >= inBody.next && endsMessage(line))
  if (end < 0) end = mail.lines.length
  const text = mail.lines.slice(inBody.next, end).join('\n').trim()
  const subject = cleanSubject(field('subject'))
  return {
    ...(subject === '' && mail.headers !== null ? firstParagraph(text) : { subject, body: text }),
    author: field('from'),
    date: field('date'),
    part: seriesPart(decodeHeader(mail.headers?.get('subject') ?? '')),
    end,
  }
}
