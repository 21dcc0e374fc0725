// SPDX-License-Identifier: GPL-2.0-only
import { basename } from 'node:path'
import { readDiff, type FileChange } from './diff.ts'
import { PatchError } from './error.ts'
import { readMail } from './mail.ts'
import { splitMbox, type RawMail } from './mbox.ts'
import { readMessage, type Message, type SeriesPart } from './message.ts'
import type { PathRules } from './paths.ts'
import { Place } from './place.ts'
import { DecodeError } from './transfer.ts'

/** One change with its explanation. */
export interface Patch {
  /** Without `[PATCH …]`. For a diff without a mail: the file's name. */
  readonly subject: string
  /** `Name <address>`, or empty for a diff without a mail. */
  readonly author: string
  /** As written in the mail, or empty. */
  readonly date: string
  /** The commit message below the subject. */
  readonly body: string
  /** The mail for `git am`: as received, or made around a bare diff. */
  readonly text: string
  readonly files: readonly FileChange[]
}

/** The patches of one file, in the order in which they apply. */
export interface PatchSeries {
  /** Name of the file, as its reader gave it. */
  readonly source: string
  readonly patches: readonly Patch[]
}

/** Most that a patch file may have, in bytes, or in UTF-16 units of a text: twice as much as all models together. */
export const maxPatchLength: number = 1 << 20

/** The id of a patch: its file name without `.patch`. */
export function patchId(path: string): string {
  return basename(path).replace(/\.patch$/, '')
}

/**
 * Reads a patch file: a mail or an mbox of several, as `git format-patch` writes them, or a bare unified diff. Mails
 * without a diff (cover letters, replies) are passed over.
 *
 * @param input - the file's text, or its bytes, which must be UTF-8
 * @param source - what to call the file in messages, usually its path
 * @param rules - which paths the patches may touch
 * @throws PatchError if any of it is not accepted; nothing is returned then
 */
export function parseSeries(input: string | Uint8Array, source: string, rules: PathRules): PatchSeries {
  const text = checkText(input, source)
  const patches = inOrder(splitMbox(text).flatMap((mail) => readPatch(mail, source, rules) ?? []))
  if (patches.length === 0) {
    const what = text.trim() === '' ? 'the file is empty' : 'there is no diff in the text'
    throw new PatchError(
      'empty',
      source,
      `${source}: ${what}. Accepted: mails as git format-patch writes them, or a unified diff (git diff) of ${rules.accepted}.`,
    )
  }
  return { source, patches }
}

function checkText(input: string | Uint8Array, source: string): string {
  if (input.length > maxPatchLength) {
    const unit = typeof input === 'string' ? 'characters' : 'bytes'
    throw new PatchError(
      'too-large',
      source,
      `${source}: the file is too long. Accepted: at most ${String(maxPatchLength)} ${unit}.`,
    )
  }
  const text = typeof input === 'string' ? input : new TextDecoder().decode(input)
  const place = new Place(source, 1)
  refuseCharacter(text, '\0', (line) => place.error('nul', line, 'a NUL byte. Accepted: text.'))
  refuseCharacter(text, '\ufffd', (line) =>
    place.error(
      'encoding',
      line,
      'bytes that are not UTF-8. Accepted: UTF-8, or a mail that names its character set and is sent as quoted-printable or base64.',
    ),
  )
  return text
}

function refuseCharacter(text: string, character: string, error: (line: number) => PatchError): void {
  const index = text.indexOf(character)
  if (index >= 0) throw error(text.slice(0, index).split('\n').length - 1)
}

interface ReadPatch extends Patch {
  readonly part: SeriesPart | null
}

/** Mails arrive in any order: patches of a series that stand one after the other are put in that of their numbers. */
function inOrder(read: readonly ReadPatch[]): Patch[] {
  const runs: ReadPatch[][] = []
  for (const patch of read) {
    const run = runs.at(-1)
    const same = patch.part !== null && run?.[0]?.part?.series === patch.part.series
    if (same) run.push(patch)
    else runs.push([patch])
  }
  return runs.flatMap((run) =>
    run
      .sort((a, b) => (a.part?.number ?? 0) - (b.part?.number ?? 0))
      .map(({ part: _part, ...patch }) => patch),
  )
}

/** What `git am` does not recode must be in UTF-8 from the start. */
function refuseRecoded(files: readonly FileChange[], charset: string, place: Place): void {
  for (const { hunks, path } of files) {
    for (const { lines, line } of hunks) {
      if (lines.every((one) => /^\p{ASCII}*$/u.test(one))) continue
      throw new PatchError(
        'encoding',
        place.source,
        `${place.source}: the change of ${path} (hunk at line ${String(line)} of the decoded text) is in ${charset}. Accepted: diffs in UTF-8.`,
      )
    }
  }
}

function readPatch(raw: RawMail, source: string, rules: PathRules): ReadPatch | null {
  const start = new Place(source, raw.line)
  try {
    const mail = readMail(raw)
    const message = readMessage(mail)
    const place = new Place(source, mail.firstLine)
    const foreign = rules.foreign?.(mail.lines.slice(message.end), source) ?? null
    if (foreign !== null) throw foreign
    refuseCharacter(mail.lines.join('\n'), '\0', (line) =>
      place.error('nul', line, 'a NUL byte in the decoded mail. Accepted: text.'),
    )
    const files = readDiff(mail.lines, message.end, place, rules)
    if (files.length === 0) return null
    if (mail.recodedFrom !== null) refuseRecoded(files, mail.recodedFrom, place)
    const { part } = message
    if (mail.headers === null) return { ...wrapDiff(mail.lines, message, source), files, part }
    return { ...fields(message), part, text: withSender(raw.text, message), files }
  } catch (fault) {
    if (fault instanceof DecodeError)
      throw start.error('encoding', 0, `${fault.message}. Accepted: what the mail's header declares.`)
    throw fault
  }
}

function fields({
  subject,
  author,
  date,
  body,
}: Message): Pick<Patch, 'subject' | 'author' | 'date' | 'body'> {
  return { subject, author, date, body }
}

/** `git am` needs a sender; a mail that was stripped of it still is a patch. */
const unknownSender = 'From: Unknown <unknown@example.invalid>\n'

function withSender(mail: string, message: Message): string {
  if (message.author !== '') return mail
  const envelope = /^\s*From .*\n/.exec(mail)?.[0] ?? ''
  return envelope + unknownSender + mail.slice(envelope.length).trimStart()
}

/** Makes the mail that `git am` takes around a diff that has none. */
function wrapDiff(
  lines: readonly string[],
  message: Message,
  source: string,
): Pick<Patch, 'subject' | 'text' | 'author' | 'date' | 'body'> {
  const subject = basename(source).replace(/\p{Cc}/gu, '') || 'patch'
  const header = `From ${'0'.repeat(40)} Mon Sep 17 00:00:00 2001\n${unknownSender}Date: Thu, 1 Jan 1970 00:00:00 +0000\nSubject: ${subject}\n`
  const text = `${header}\n${message.body}\n---\n${lines.slice(message.end).join('\n')}`
  return { subject, author: '', date: '', body: message.body, text: text.endsWith('\n') ? text : `${text}\n` }
}
