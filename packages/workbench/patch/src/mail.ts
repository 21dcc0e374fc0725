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

/** The text of a mail or of one part of it; `decoded` tells whether the lines still are those of the file. */
function textOf(
  lines: readonly string[],
  entity: Entity,
  depth: number,
): { lines: string[]; decoded: boolean } {
  const type = entity.headers.get('content-type') ?? 'text/plain'
  const body = lines.slice(entity.body)
  const boundary = /^multipart\//i.test(type) ? parameter(type, 'boundary') : null
  if (boundary !== null && depth < maxDepth) return { lines: partsOf(body, boundary, depth), decoded: true }
  if (!/^text\//i.test(type)) return { lines: [], decoded: true }
  const encoding = (entity.headers.get('content-transfer-encoding') ?? '7bit').trim().toLowerCase()
  const decoded = encoding === 'quoted-printable' || encoding === 'base64'
  if (!decoded) return { lines: body, decoded }
  return { lines: decodeBody(body.join('\n'), encoding, parameter(type, 'charset')).split('\n'), decoded }
}

function partsOf(body: readonly string[], boundary: string, depth: number): string[] {
  const text: string[] = []
  let part: string[] | null = null
  const close = (): void => {
    if (part !== null) text.push(...textOf(part, readHeaders(part, 0), depth + 1).lines)
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
  return text
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
  if (!enveloped && !startsWithHeader(lines, start)) return { headers: null, lines, firstLine: mail.line }
  const entity = readHeaders(lines, start)
  const text = textOf(lines, entity, 0)
  return {
    headers: entity.headers,
    lines: text.lines,
    firstLine: text.decoded ? null : mail.line + entity.body,
  }
}
