// SPDX-License-Identifier: GPL-2.0-only
import { TextDecoder } from 'node:util'

/** Thrown if a mail cannot be decoded. The caller knows which mail it is. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/**
 * Bytes as a string, one character (U+0000 to U+00FF) per byte. A mail stays in this form until its character set is
 * known: the mails of an mbox may have different ones.
 */
export type ByteString = string

export const toByteString = (bytes: Uint8Array): ByteString => Buffer.from(bytes).toString('latin1')
const toBytes = (text: ByteString): Buffer => Buffer.from(text, 'latin1')

/** Decoded text, with or without a declared character set. */
export interface DecodedText {
  readonly text: string
  /**
   * True if the bytes are not UTF-8 and no character set was declared. They are then read as Windows-1252, which has
   * all characters of the ISO 8859-1 that git assumes.
   */
  readonly guessed: boolean
}

/** Names that mailers use if they do not know the character set, or if they say ASCII but send more. */
const undeclared =
  /^(?:us-ascii|ascii|ansi_x3\.4-1968|unknown-8bit|x-unknown|default|binary|utf-?8|utf8mb4)?$/i

/**
 * Returns null if the mail declares no character set, or none that is known. Example of an unknown name: git send-email
 * wrote `y` when it asked for the character set and a user answered "y".
 */
function decoderOf(charset: string | null): TextDecoder | null {
  if (charset === null || undeclared.test(charset)) return null
  try {
    return new TextDecoder(charset, { fatal: true })
  } catch {
    return null
  }
}

/**
 * Decodes bytes whose transfer encoding, if any, was already decoded.
 *
 * @param charset - as declared by the mail; null if not declared. An unknown character set counts as not declared
 * @throws DecodeError if the bytes are invalid in the declared character set
 */
export function decodeText(text: ByteString, charset: string | null): DecodedText {
  const plain = /^[\x01-\x7f]*$/.test(text)
  if (plain && !/^(?:utf-?16|utf-?32|iso-2022|hz-)/i.test(charset ?? '')) return { text, guessed: false }
  const bytes = toBytes(text)
  const declared = decoderOf(charset)
  if (declared !== null) {
    try {
      return { text: declared.decode(bytes), guessed: false }
    } catch {
      throw new DecodeError(`the text is not valid ${charset ?? ''}`)
    }
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), guessed: false }
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), guessed: true }
  }
}

/** Scans from the end: a regular expression for trailing blanks takes quadratic time on a long run of blanks. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--
  return line.slice(0, end)
}

function decodeQuotedPrintable(text: ByteString): ByteString {
  return text
    .split('\n')
    .map(withoutTrailingBlanks)
    .join('\n')
    .replace(/=\n/g, '')
    .replace(/=([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)))
}

function decodeBase64(text: ByteString): ByteString {
  const compact = text.replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) {
    throw new DecodeError('the text has characters that are not valid in base64')
  }
  return toByteString(Buffer.from(compact, 'base64'))
}

/**
 * Decodes a content transfer encoding. Leaves text in `7bit`, `8bit`, `binary` and unknown encodings unchanged.
 *
 * @param encoding - in lower case
 * @throws DecodeError
 */
export function decodeTransfer(text: ByteString, encoding: string): ByteString {
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(text)
  if (encoding === 'base64') return decodeBase64(text)
  return text
}

/** Decodes encoded words (RFC 2047, `=?utf-8?q?J=C3=B6rg?=`). @throws DecodeError */
export function decodeWords(text: string): string {
  const word = /=\?([^?\s]+)\?([bBqQ])\?([^?\s]*)\?=/g
  const joined = text.replace(/(\?=)\s+(?==\?)/g, '$1')
  return joined.replace(word, (_all, charset: string, kind: string, encoded: string) => {
    const bytes =
      kind.toLowerCase() === 'b'
        ? decodeBase64(encoded)
        : decodeQuotedPrintable(encoded.replaceAll('_', '=20'))
    // RFC 2231 allows a language after the character set: =?utf-8*en?q?...?=
    return decodeText(bytes, charset.split('*')[0] ?? charset).text
  })
}

/**
 * Decodes a header field with its encoded words. Raw 8-bit bytes are UTF-8, or Windows-1252 if they are not valid
 * UTF-8.
 *
 * @throws DecodeError
 */
export function decodeHeader(value: ByteString): string {
  return decodeWords(decodeText(value, null).text)
}
