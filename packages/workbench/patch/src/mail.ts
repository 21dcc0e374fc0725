// SPDX-License-Identifier: GPL-2.0-only
import type { RawMail } from './mbox.ts'
import { decodeBody } from './transfer.ts'

/** A mail taken apart: its header fields and its body as text. */
export interface Mail {
  /** Fields by lower-case name, folded lines joined, encoded words as they stand; null for text that has no header. */
  readonly headers: ReadonlyMap<string, string> | null
  /** The body in lines, decoded. */
  readonly lines: readonly string[]
  /** Line number in the source of the first of `lines`; null if the body was decoded and has no such numbers. */
  readonly firstLine: number | null
  /** The character set other than UTF-8 from which some of the lines were decoded, or null. */
  readonly recodedFrom: string | null
}

/** Multipart mails nest; deeper than this nobody nests a patch. */
const maxDepth = 4

interface Entity {
  headers: Map<string, string>
  /** Index of the first body line. */
  body: number
}

function readHeaders(lines: readonly string[], start: number): Entity {
  const headers = new Map<string, string>()
  let name = ''
  let index = start
  for (; index < lines.length; index++) {
    const line = lines[index] ?? ''
    if (line === '') return { headers, body: index + 1 }
    const field = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line)
    if (/^[ \t]/.test(line) && name !== '') {
      headers.set(name, `${headers.get(name) ?? ''} ${line.trim()}`)
    } else if (field !== null) {
      name = (field[1] ?? '').toLowerCase()
      headers.set(name, field[2] ?? '')
    } else if (!line.startsWith('>From ')) {
      return { headers, body: index }
    }
  }
  return { headers, body: index }
}

/** Whether the text starts with the header of a mail: fields only, up to an empty line, a subject or sender among them. */
function startsWithHeader(lines: readonly string[], start: number): boolean {
  if (/^(Index:|diff |--- )/.test(lines[start] ?? '')) return false
  const { headers, body } = readHeaders(lines, start)
  return lines[body - 1] === '' && (headers.has('subject') || headers.has('from'))
}

function parameter(contentType: string, name: string): string | null {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(contentType)
  return match?.[1] ?? match?.[2] ?? null
}

interface Text {
  readonly lines: readonly string[]
  /** Whether the lines are no longer those of the file. */
  readonly decoded: boolean
  readonly recodedFrom: string | null
}

/** The text of a mail or of one part of it. */
function textOf(lines: readonly string[], entity: Entity, depth: number): Text {
  const type = entity.headers.get('content-type') ?? 'text/plain'
  const body = lines.slice(entity.body)
  const boundary = /^multipart\//i.test(type) ? parameter(type, 'boundary') : null
  if (boundary !== null && depth < maxDepth) return partsOf(body, boundary, depth)
  if (!/^text\//i.test(type)) return { lines: [], decoded: true, recodedFrom: null }
  const encoding = (entity.headers.get('content-transfer-encoding') ?? '7bit').trim().toLowerCase()
  const encoded = encoding === 'quoted-printable' || encoding === 'base64'
  const charset = parameter(type, 'charset')
  const text = encoded ? decodeBody(body.join('\n'), encoding, charset) : null
  const received = text?.replace(/\r\n/g, '\n').split('\n') ?? body
  const flowed = parameter(type, 'format')?.toLowerCase() === 'flowed'
  return {
    lines: flowed ? unfold(received, parameter(type, 'delsp')?.toLowerCase() === 'yes') : received,
    decoded: encoded || flowed,
    recodedFrom: encoded && charset !== null && !/^(?:utf-?8|us-ascii)$/i.test(charset) ? charset : null,
  }
}

/**
 * Undoes format=flowed (RFC 3676): a line that ends in a blank goes on in the next, and a blank was put before lines
 * that begin with one.
 *
 * @param delsp - whether the blank at the end of a line is not part of the text
 */
function unfold(received: readonly string[], delsp: boolean): string[] {
  const lines: string[] = []
  let begun = ''
  for (const line of received) {
    const isSignature = line === '-- '
    if (isSignature && begun !== '') {
      lines.push(begun)
      begun = ''
    }
    const text = isSignature ? line : line.replace(/^ /, '')
    if (!isSignature && text.endsWith(' ')) {
      begun += delsp ? text.slice(0, -1) : text
    } else {
      lines.push(begun + text)
      begun = ''
    }
  }
  return begun === '' ? lines : [...lines, begun]
}

function partsOf(body: readonly string[], boundary: string, depth: number): Text {
  const texts: Text[] = []
  let part: string[] | null = null
  const close = (): void => {
    if (part !== null) texts.push(textOf(part, readHeaders(part, 0), depth + 1))
  }
  for (const line of body) {
    if (line.trimEnd() === `--${boundary}` || line.trimEnd() === `--${boundary}--`) {
      close()
      part = line.trimEnd().endsWith(`${boundary}--`) ? null : []
    } else {
      part?.push(line)
    }
  }
  close()
  return {
    lines: texts.flatMap(({ lines }) => lines),
    decoded: true,
    recodedFrom: texts.find(({ recodedFrom }) => recodedFrom !== null)?.recodedFrom ?? null,
  }
}

/**
 * Takes a mail apart. Carriage returns at line ends go, as `git am` drops them.
 *
 * @throws DecodeError when a transfer encoding or character set does not decode
 */
export function readMail(mail: RawMail): Mail {
  const lines = mail.text.replace(/\r\n/g, '\n').split('\n')
  let start = 0
  while (lines[start]?.trim() === '') start++
  const enveloped = lines[start]?.startsWith('From ') === true
  if (enveloped) start++
  if (!enveloped && !startsWithHeader(lines, start))
    return { headers: null, lines, firstLine: mail.line, recodedFrom: null }
  const entity = readHeaders(lines, start)
  const text = textOf(lines, entity, 0)
  return {
    headers: entity.headers,
    lines: text.lines,
    firstLine: text.decoded ? null : mail.line + entity.body,
    recodedFrom: text.recodedFrom,
  }
}
