// SPDX-License-Identifier: GPL-2.0-only
import { TextDecoder } from 'node:util'

/** Thrown where a mail's encoding does not decode; the caller knows which mail it was. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/**
 * @param charset - as named in a mail; null means UTF-8
 * @throws DecodeError for an unknown character set or bytes that are not of it
 */
function decodeBytes(bytes: Uint8Array, charset: string | null): string {
  let decoder: TextDecoder
  try {
    decoder = new TextDecoder(charset ?? 'utf-8', { fatal: true })
  } catch {
    throw new DecodeError(`the character set '${charset ?? ''}' is not known`)
  }
  try {
    return decoder.decode(bytes)
  } catch {
    throw new DecodeError(`the text is not valid ${charset ?? 'utf-8'}`)
  }
}

/** Counted from the end: an expression that looks for blanks at the end begins anew at each one, which takes hours for a long line of them. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--
  return line.slice(0, end)
}

function quotedPrintableBytes(text: string): Uint8Array {
  const joined = text.split('\n').map(withoutTrailingBlanks).join('\n').replace(/=\n/g, '')
  const plain = new TextEncoder().encode(joined)
  const bytes = new Uint8Array(plain.length)
  let length = 0
  for (let i = 0; i < plain.length; i++) {
    const byte = plain[i] ?? 0
    const hex = byte === 0x3d ? String.fromCharCode(plain[i + 1] ?? 0, plain[i + 2] ?? 0) : ''
    if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
      bytes[length++] = parseInt(hex, 16)
      i += 2
    } else {
      bytes[length++] = byte
    }
  }
  return bytes.subarray(0, length)
}

function base64Bytes(text: string): Uint8Array {
  const compact = text.replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact))
    throw new DecodeError('the base64 text has characters that are not base64')
  return Buffer.from(compact, 'base64')
}

/**
 * The text of a mail body.
 *
 * @param encoding - the mail's `Content-Transfer-Encoding`, in lower case
 * @param charset - the mail's character set, used where bytes have to be decoded; null means UTF-8
 */
export function decodeBody(text: string, encoding: string, charset: string | null): string {
  if (encoding === 'quoted-printable') return decodeBytes(quotedPrintableBytes(text), charset)
  if (encoding === 'base64') return decodeBytes(base64Bytes(text), charset)
  return text
}

/** Replaces the encoded words (`=?utf-8?q?J=C3=B6rg?=`) of a mail header by what they say. */
export function decodeHeader(value: string): string {
  const word = /=\?([^?\s]+)\?([bBqQ])\?([^?\s]*)\?=/g
  return value
    .replace(/(\?=)\s+(?==\?)/g, '$1')
    .replace(word, (_all, charset: string, kind: string, text: string) => {
      const bytes =
        kind.toLowerCase() === 'b' ? base64Bytes(text) : quotedPrintableBytes(text.replaceAll('_', '=20'))
      return decodeBytes(bytes, charset)
    })
}
