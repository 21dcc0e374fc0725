// SPDX-License-Identifier: GPL-2.0-only
import type { RawMail } from './mbox.ts'
import { decodeText, decodeTransfer, type ByteString } from './transfer.ts'

/** A parsed mail: header fields and the text of its body. */
export interface Mail {
  /** Fields by lower-case name, unfolded but not decoded; null for a text without a mail header. */
  readonly headers: ReadonlyMap<string, ByteString> | null
  /** The decoded lines of the body. */
  readonly lines: readonly string[]
  /** Line number of the first of `lines` in the source; null for a decoded body, which has no such numbers. */
  readonly firstLine: number | null
  /** True if the body has bytes that are not UTF-8, and no declared character set. */
  readonly guessed: boolean
  /** True if the mail declares `format=flowed`: its mailer may have wrapped lines. */
  readonly flowed: boolean
  /** True if the mail has text only in HTML. */
  readonly htmlOnly: boolean
}

/** Maximum nesting depth. Patches are not nested deeper. */
const maxDepth = 4

interface Entity {
  headers: Map<string, ByteString>
  /** Index of the first body line. */
  body: number
}

function readHeaders(lines: readonly ByteString[], start: number): Entity {
  const fields = new Map<string, ByteString[]>()
  const headers = new Map<string, ByteString>()
  let current: ByteString[] | null = null
  let index = start
  let body = -1
  for (; index < lines.length && body < 0; index++) {
    const line = lines[index] ?? ''
    const field = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line)
    if (line === '') {
      body = index + 1
    } else if (/^[ \t]/.test(line) && current !== null) {
      current.push(line.trim())
    } else if (field !== null) {
      current = [field[2] ?? '']
      fields.set((field[1] ?? '').toLowerCase(), current)
    } else if (!line.startsWith('>From ')) {
      body = index
    }
  }
  for (const [name, parts] of fields) headers.set(name, parts.join(' '))
  return { headers, body: body < 0 ? index : body }
}

/** True if the text starts with a mail header: fields up to an empty line, including a subject or a sender. */
function startsWithHeader(lines: readonly ByteString[], start: number): boolean {
  if (/^(Index:|diff |--- )/.test(lines[start] ?? '')) return false
  const { headers, body } = readHeaders(lines, start)
  return lines[body - 1] === '' && (headers.has('subject') || headers.has('from'))
}

function parameter(contentType: string, name: string): string | null {
  const match = new RegExp(`;\\s*${name}\\*?\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(contentType)
  return match?.[1] ?? match?.[2] ?? null
}

type Text = Pick<Mail, 'lines' | 'guessed' | 'flowed' | 'htmlOnly'> & {
  /** True if the lines differ from the lines of the source. */
  readonly decoded: boolean
}

const noText: Text = { lines: [], decoded: true, guessed: false, flowed: false, htmlOnly: false }

/** Content types that mailers use for attached patches. */
const maybePatch =
  /^(?:text\/(?!html)|application\/(?:octet-stream|x-patch|x-diff|patch|mbox|x-gunzip-patch)\b)/i
const diffStart = /^(?:diff -|--- \S)/m

/** The text of a mail or of one of its parts. */
function textOf(lines: readonly ByteString[], entity: Entity, depth: number): Text {
  const type = entity.headers.get('content-type') ?? 'text/plain'
  const body = lines.slice(entity.body)
  const boundary = /^multipart\//i.test(type) ? parameter(type, 'boundary') : null
  if (boundary !== null && depth < maxDepth) return partsOf(body, boundary, type, depth)
  if (/^message\/rfc822/i.test(type) && depth < maxDepth) {
    return { ...textOf(body, readHeaders(body, 0), depth + 1), decoded: true }
  }
  if (/^text\/html/i.test(type)) return { ...noText, htmlOnly: true }
  if (!maybePatch.test(type)) return noText
  const encoding = (entity.headers.get('content-transfer-encoding') ?? '7bit').trim().toLowerCase()
  const encoded = encoding === 'quoted-printable' || encoding === 'base64'
  const bytes = decodeTransfer(body.join('\n'), encoding)
  if (!/^text\//i.test(type) && (bytes.includes('\0') || !diffStart.test(bytes))) return noText
  const { text, guessed } = decodeText(bytes, parameter(type, 'charset'))
  const received = (encoded ? text.replace(/\r\n/g, '\n') : text).split('\n')
  const flowed = parameter(type, 'format')?.toLowerCase() === 'flowed'
  return {
    lines: flowed ? unfold(received, parameter(type, 'delsp')?.toLowerCase() === 'yes') : received,
    decoded: encoded || flowed,
    guessed,
    flowed,
    htmlOnly: false,
  }
}

/**
 * Decodes format=flowed (RFC 3676): a line that ends in a blank continues on the next line, and a line that begins with
 * a blank has one blank more than the text. A signature separator (`-- `) is a line of its own.
 *
 * @param delsp - true if the blank at the end of a line is not part of the text
 */
function unfold(received: readonly string[], delsp: boolean): string[] {
  const lines: string[] = []
  let begun: string[] = []
  const close = (last: string): void => {
    lines.push(begun.join('') + last)
    begun = []
  }
  for (const line of received) {
    if (line === '-- ') {
      if (begun.length > 0) close('')
      lines.push(line)
      continue
    }
    const text = line.startsWith(' ') ? line.slice(1) : line
    if (text.endsWith(' ')) begun.push(delsp ? text.slice(0, -1) : text)
    else close(text)
  }
  if (begun.length > 0) close('')
  return lines
}

function partsOf(body: readonly ByteString[], boundary: string, type: string, depth: number): Text {
  const texts: Text[] = []
  let part: ByteString[] | null = null
  const close = (): void => {
    if (part !== null) texts.push(textOf(part, readHeaders(part, 0), depth + 1))
  }
  for (const line of body) {
    const mark = line.startsWith('--') ? line.trimEnd() : ''
    if (mark === `--${boundary}` || mark === `--${boundary}--`) {
      close()
      part = mark === `--${boundary}--` ? null : []
    } else {
      part?.push(line)
    }
  }
  close()
  const withText = texts.filter(({ lines }) => lines.length > 0)
  // The parts of multipart/alternative have the same content; the first one is plain text.
  const taken = /^multipart\/alternative/i.test(type) ? withText.slice(0, 1) : withText
  return {
    lines: taken.flatMap(({ lines }) => lines),
    decoded: true,
    guessed: taken.some(({ guessed }) => guessed),
    flowed: taken.some(({ flowed }) => flowed),
    htmlOnly: taken.length === 0 && texts.some(({ htmlOnly }) => htmlOnly),
  }
}

/**
 * Parses a mail, or a text without a mail header. In a mail, drops carriage returns at line ends, as `git am` does.
 *
 * @throws DecodeError if a transfer encoding or character set cannot be decoded
 */
export function readMail(mail: RawMail): Mail {
  const received = mail.text.split('\n')
  let start = 0
  while (start < received.length && received[start]?.trim() === '') start++
  const enveloped = received[start]?.startsWith('From ') === true
  if (enveloped) start++
  const lines = received.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  if (!enveloped && !startsWithHeader(lines, start)) return readBareText(mail, received, lines)
  const entity = readHeaders(lines, start)
  const { decoded, ...text } = textOf(lines, entity, 0)
  return { headers: entity.headers, ...text, firstLine: decoded ? null : mail.line + entity.body }
}

/**
 * Reads a text without a mail header. Carriage returns are dropped if all lines have them, as after saving in a Windows
 * editor. If only some lines have them, they are part of the patched files: the diff of a CRLF file has them only in
 * its hunks.
 */
function readBareText(mail: RawMail, received: readonly ByteString[], stripped: readonly ByteString[]): Mail {
  const everywhere = received.every((line, index) => line.endsWith('\r') || index === received.length - 1)
  const { text, guessed } = decodeText((everywhere ? stripped : received).join('\n'), null)
  return {
    headers: null,
    lines: text.split('\n'),
    firstLine: mail.line,
    guessed,
    flowed: false,
    htmlOnly: false,
  }
}
