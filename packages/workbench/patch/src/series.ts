// SPDX-License-Identifier: GPL-2.0-only
import { readDiff, type FileChange } from './diff/diff.ts'
import { PatchError } from './error.ts'
import { recogniseKernelPatch } from './kernel-patch.ts'
import { patchLimits, type PatchLimits } from './limits.ts'
import { inputText } from './mail/input-text.ts'
import { readMail, type Mail } from './mail/mail.ts'
import { splitMbox, type RawMail } from './mail/mbox.ts'
import { readMessage, type MailFields, type Message } from './mail/message.ts'
import type { SubjectTag } from './mail/subject-tag.ts'
import { DecodeError } from './mail/transfer.ts'
import type { PatchPaths } from './paths.ts'
import { ErrorPlace } from './error-place.ts'

/** One change with its explanation. */
export interface Patch {
  /** The subject without `[PATCH ...]`. For a diff without a mail: the file's name. */
  readonly subject: string
  /** `Name <address>`; empty for a diff without a mail, or a mail without a sender. */
  readonly author: string
  /** The date as written in the mail; empty if it has none. */
  readonly date: string
  /** The commit message below the subject. */
  readonly body: string
  /** Content of the brackets in the subject; null without brackets. */
  readonly tag: SubjectTag | null
  /** Header of the mail; null for a diff without a mail. */
  readonly mail: MailFields | null
  readonly files: readonly FileChange[]
  /** The decoded diff, unchanged, from the header of the first file to the end of the last hunk. */
  readonly diff: string
}

/** A mail without a patch of its own. */
export interface SkippedMail {
  readonly subject: string
  readonly why: 'cover-letter' | 'quotes-a-diff' | 'no-diff'
  /** Header of the mail; null for a text without one. */
  readonly mail: MailFields | null
  /** Line number of its first line in the source. */
  readonly line: number
}

/** The patches of one input, in order of application. */
export interface PatchSeries {
  /** Name of the input, as given by the caller. */
  readonly source: string
  readonly patches: readonly Patch[]
  /** Cover letters, replies and other mails without a patch. */
  readonly skipped: readonly SkippedMail[]
  /** The commit that the series is based on (`base-commit:`), or null. */
  readonly baseCommit: string | null
}

/** Options for reading an input. */
export interface ParseOptions {
  /** Name of the input for messages, usually its path as typed. */
  readonly source: string
  /** The files that the patches may touch. */
  readonly paths: PatchPaths
  /** Default: `patchLimits`. */
  readonly limits?: PatchLimits
}

/**
 * Reads patches: a mail, or an mbox of several, from git format-patch, b4 or a mailer; or a bare unified diff. Mails
 * without a diff (cover letters, replies) are skipped. Does not access the file system.
 *
 * @param input - bytes or text of the input
 * @throws PatchError if any part is not accepted, or if there is no patch
 */
export function parseSeries(
  input: string | Uint8Array,
  { source, paths, limits = patchLimits }: ParseOptions,
): PatchSeries {
  const text = inputText(input, source, limits)
  const raw = splitMbox(text)
  if (raw.length > limits.mails) {
    const message = `${String(raw.length)} mails. Accepted: at most ${String(limits.mails)}.`
    throw new PatchError('too-large', source, `${source}: ${message}`)
  }
  const reader = new Reader(source, paths, limits)
  const read = raw.map((mail) => reader.read(mail))
  const patches = inOrder(read.flatMap((one) => (one.kind === 'patch' ? [one.patch] : [])))
  const skipped = read.flatMap((one) => (one.kind === 'skipped' ? [one.mail] : []))
  if (patches.length === 0) throw noPatch(text, source, skipped, read, paths)
  return {
    source,
    patches,
    skipped,
    baseCommit: read.find((one) => one.baseCommit !== null)?.baseCommit ?? null,
  }
}

/** Makes a series of each patch, for callers that compare patches instead of stacking them. */
export function eachPatch(series: PatchSeries): PatchSeries[] {
  return series.patches.map((patch) => ({ ...series, patches: [patch] }))
}

function tooMany(source: string, what: string, limit: number): PatchError {
  const message = `its patches ${what} than are accepted: at most ${String(limit)}.`
  return new PatchError('too-large', source, `${source}: ${message}`)
}

type ReadMail = { readonly baseCommit: string | null; readonly htmlOnly: boolean } & (
  { readonly kind: 'patch'; readonly patch: Patch } | { readonly kind: 'skipped'; readonly mail: SkippedMail }
)

/** Reads the mails of one input, and counts their files and hunks. */
class Reader {
  readonly #source: string
  readonly #paths: PatchPaths
  readonly #limits: PatchLimits
  #files = 0
  #hunks = 0

  constructor(source: string, paths: PatchPaths, limits: PatchLimits) {
    this.#source = source
    this.#paths = paths
    this.#limits = limits
  }

  read(raw: RawMail): ReadMail {
    try {
      const mail = readMail(raw)
      return this.#readPatch(raw, mail, readMessage(mail))
    } catch (fault) {
      if (!(fault instanceof DecodeError)) throw fault
      const place = new ErrorPlace({ source: this.#source, firstLine: raw.line, flowed: false })
      throw place.error(
        'encoding',
        0,
        `${fault.message}. Accepted: the encoding that the mail's header declares.`,
      )
    }
  }

  #readPatch(raw: RawMail, mail: Mail, message: Message): ReadMail {
    const { lines, firstLine, flowed, guessed, htmlOnly } = mail
    const place = new ErrorPlace({ source: this.#source, firstLine, flowed })
    const instead = this.#paths.insteadOfKernelPatch
    if (instead !== null) {
      const fault = recogniseKernelPatch(lines.slice(message.end), this.#source, instead)
      if (fault !== null) throw fault
    }
    const nul = lines.findIndex((line) => line.includes('\0'))
    if (nul >= 0) throw place.error('not-text', nul, 'a NUL byte in the decoded mail. Accepted: text.')
    const { baseCommit } = message
    const { files, text: diff } = readDiff(lines, message.end, place, this.#paths)
    if (files.length === 0) {
      return { kind: 'skipped', mail: skippedMail(raw, mail, message), baseCommit, htmlOnly }
    }
    this.#count(files)
    if (guessed) refuseGuessed(files, place)
    const { subject, author, date, body, tag, fields } = message
    const patch: Patch = {
      subject: fields === null ? nameOfDiff(this.#source) : subject,
      author,
      date,
      body,
      tag,
      mail: fields,
      files,
      diff,
    }
    return { kind: 'patch', patch, baseCommit, htmlOnly }
  }

  #count(files: readonly FileChange[]): void {
    this.#files += files.length
    for (const { hunks } of files) this.#hunks += hunks.length
    if (this.#files > this.#limits.files) throw tooMany(this.#source, 'change more files', this.#limits.files)
    if (this.#hunks > this.#limits.hunks) throw tooMany(this.#source, 'have more hunks', this.#limits.hunks)
  }
}

/** Name of a diff without a mail: its file name. */
function nameOfDiff(source: string): string {
  return source.slice(source.lastIndexOf('/') + 1).replace(/\p{Cc}/gu, '') || 'patch'
}

const quotedDiff = /^(?:> ?)+(?:diff --git |@@ -\d|\+\+\+ \S)/

function skippedMail(raw: RawMail, { lines }: Mail, { subject, tag, fields }: Message): SkippedMail {
  const quotes = lines.some((line) => quotedDiff.test(line))
  const why = tag?.number === 0 ? 'cover-letter' : quotes ? 'quotes-a-diff' : 'no-diff'
  return { subject, why, mail: fields, line: raw.line }
}

/** Undeclared bytes that are not UTF-8 are harmless in a commit message. The lines of hunks, however, must be exact. */
function refuseGuessed(files: readonly FileChange[], place: ErrorPlace): void {
  for (const { hunks, path } of files) {
    for (const { lines, line } of hunks) {
      if (lines.every((one) => /^\p{ASCII}*$/u.test(one))) continue
      throw new PatchError(
        'encoding',
        place.source,
        `${place.source}: the change of ${path} (hunk at line ${String(line)}) has bytes that are not UTF-8. Accepted: UTF-8, or a mail that declares its character set.`,
      )
    }
  }
}

/** Mails arrive in any order, so adjacent patches of a series are sorted by number. */
function inOrder(read: readonly Patch[]): Patch[] {
  const runs: Patch[][] = []
  for (const patch of read) {
    const run = runs.at(-1)
    const numbered = patch.tag?.number != null
    if (numbered && run?.[0]?.tag?.number != null && run[0].tag.series === patch.tag.series) run.push(patch)
    else runs.push([patch])
  }
  return runs.flatMap((run) => run.sort((a, b) => (a.tag?.number ?? 0) - (b.tag?.number ?? 0)))
}

/** Makes the error for an input without a patch: says what the input is, and what is accepted. */
function noPatch(
  text: string,
  source: string,
  skipped: readonly SkippedMail[],
  read: readonly { readonly htmlOnly: boolean }[],
  { inWords }: PatchPaths,
): PatchError {
  const refuse = (code: PatchError['code'], message: string): PatchError =>
    new PatchError(code, source, `${source}: ${message}`)
  const accepted = `Accepted: mails as git format-patch writes them, or a unified diff (git diff) of ${inWords}.`
  if (text.trim() === '') return refuse('empty', `the file is empty. ${accepted}`)
  const named = ({ subject, mail }: SkippedMail): string => `'${mail?.subject ?? subject}'`
  const cover = skipped.find(({ why }) => why === 'cover-letter')
  if (cover !== undefined && skipped.length === 1) {
    return refuse(
      'cover-letter',
      `${named(cover)} is the cover letter of a series, without a diff. Accepted: the series (on lore.kernel.org "mbox.gz"; b4 am -o - ${cover.mail?.messageId.replace(/[<>]/g, '') ?? 'MESSAGE-ID'}).`,
    )
  }
  const reply = skipped.find(({ why }) => why === 'quotes-a-diff')
  if (reply !== undefined) {
    const answered = reply.mail?.inReplyTo ? `, ${reply.mail.inReplyTo}` : ''
    return refuse(
      'quoted',
      `a mail that quotes a diff with ">" and has none of its own. Accepted: the mail that it answers${answered}.`,
    )
  }
  if (read.some(({ htmlOnly }) => htmlOnly)) {
    return refuse(
      'no-diff',
      `the mail is in HTML only. Accepted: the patch as plain text or as an attachment.`,
    )
  }
  return refuse('no-diff', `there is no diff in the text. ${accepted}`)
}
