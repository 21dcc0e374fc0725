// SPDX-License-Identifier: GPL-2.0-only
import type { Mail } from './mail.ts'
import { readSubjectTag, type SubjectTag } from './subject-tag.ts'
import { decodeHeader, decodeWords } from './transfer.ts'

/** Header fields of a patch mail that a reply needs. */
export interface MailFields {
  /** The Subject as sent, with `[PATCH v2 3/5]`. */
  readonly subject: string
  /** `Name <address>` of the sender, who may not be the author of the patch. */
  readonly from: string
  readonly to: string
  readonly cc: string
  readonly date: string
  /** The Message-ID with angle brackets; empty if the mail has none. */
  readonly messageId: string
  /** The Message-ID of the mail that this one answers, with angle brackets; empty if the mail has none. */
  readonly inReplyTo: string
  /** Message-IDs with angle brackets, oldest first. */
  readonly references: readonly string[]
}

/** The information in a mail about its patch, and where its diff may start. */
export interface Message {
  /** The subject without `Re:` and `[PATCH ...]`. */
  readonly subject: string
  /** `Name <address>` of the patch's author: the `From:` in the body, or otherwise that of the mail. */
  readonly author: string
  readonly date: string
  /** The commit message below the subject. */
  readonly body: string
  readonly tag: SubjectTag | null
  readonly fields: MailFields | null
  /** The commit that the patch is based on (`base-commit:`), or null. */
  readonly baseCommit: string | null
  /** Index of the first line after the commit message. */
  readonly end: number
}

/** Drops `Re:` and `[PATCH v2 1/3]` from a subject and joins runs of blanks, as `git am` does. */
function cleanSubject(subject: string): string {
  return subject
    .replace(/^(?:\s|:|re:|\[[^\]]*\])+/i, '')
    .trim()
    .replace(/\s+/g, ' ')
}

/** True if a line ends the message: `---`, or the first line of a diff. */
function endsMessage(line: string): boolean {
  return /^(?:diff -|Index: |--- \S|---\s*$)/.test(line)
}

/** Reads fields at the top of the body, which override the mail's own (`From:` of the author). */
function inBodyHeaders(lines: readonly string[]): { fields: Map<string, string>; next: number } {
  const fields = new Map<string, string>()
  let next = 0
  while (next < lines.length && lines[next]?.trim() === '') next++
  const start = next
  let name = ''
  for (; next < lines.length; next++) {
    const line = lines[next] ?? ''
    const field = /^(From|Subject|Date): (.*)$/.exec(line)
    if (field !== null) {
      name = (field[1] ?? '').toLowerCase()
      fields.set(name, field[2] ?? '')
    } else if (name !== '' && /^[ \t]+\S/.test(line)) {
      fields.set(name, `${fields.get(name) ?? ''} ${line.trim()}`)
    } else {
      break
    }
  }
  return next > start ? { fields, next } : { fields, next: 0 }
}

/** For a commit message without a subject line: the subject is the first paragraph, on one line. */
function firstParagraph(text: string): Pick<Message, 'subject' | 'body'> {
  const [subject = '', ...body] = text.split(/\n\s*\n/)
  return { subject: subject.replaceAll('\n', ' '), body: body.join('\n\n') }
}

function mailFields(headers: ReadonlyMap<string, string>): MailFields {
  const field = (name: string): string => decodeHeader(headers.get(name) ?? '').trim()
  const ids = (name: string): string[] => (headers.get(name) ?? '').match(/<[^<>\s]+>/g) ?? []
  return {
    subject: field('subject').replace(/\s+/g, ' '),
    from: field('from'),
    to: field('to'),
    cc: field('cc'),
    date: field('date'),
    messageId: ids('message-id')[0] ?? '',
    inReplyTo: ids('in-reply-to')[0] ?? '',
    references: ids('references'),
  }
}

/** Returns the `base-commit:` trailer of git format-patch and b4, which is below the diff or the cover letter. */
function baseCommitIn(lines: readonly string[]): string | null {
  for (const line of lines) {
    const id = /^base-commit: ([0-9a-f]{12,64})\s*$/.exec(line)?.[1]
    if (id !== undefined) return id
  }
  return null
}

/**
 * Reads subject, author, date and message of a patch mail.
 *
 * @throws DecodeError if an encoded word of a header cannot be decoded
 */
export function readMessage(mail: Mail): Message {
  const inBody =
    mail.headers === null ? { fields: new Map<string, string>(), next: 0 } : inBodyHeaders(mail.lines)
  const fields = mail.headers === null ? null : mailFields(mail.headers)
  let end = mail.lines.findIndex((line, index) => index >= inBody.next && endsMessage(line))
  if (end < 0) end = mail.lines.length
  const text = mail.lines.slice(inBody.next, end).join('\n').trim()
  const named = (name: 'subject' | 'from' | 'date'): string =>
    inBody.fields.has(name) ? decodeWords(inBody.fields.get(name) ?? '').trim() : (fields?.[name] ?? '')
  const subject = cleanSubject(named('subject'))
  return {
    ...(subject === '' && fields !== null ? firstParagraph(text) : { subject, body: text }),
    author: named('from'),
    date: named('date'),
    tag: readSubjectTag(fields?.subject ?? ''),
    fields,
    baseCommit: baseCommitIn(mail.lines),
    end,
  }
}
