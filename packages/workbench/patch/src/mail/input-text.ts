// SPDX-License-Identifier: GPL-2.0-only
import { TextDecoder } from 'node:util'
import { PatchError } from '../error.ts'
import type { PatchLimits } from '../limits.ts'
import { toByteString, type ByteString } from './transfer.ts'

function startsWith(bytes: Uint8Array, ...beginning: readonly number[]): boolean {
  return beginning.every((byte, index) => bytes[index] === byte)
}

/**
 * Converts UTF-16 with a byte order mark, which PowerShell writes when redirecting, to UTF-8. Removes the mark from
 * UTF-8.
 */
function asUtf8(bytes: Uint8Array): Uint8Array {
  for (const [label, mark] of [
    ['utf-16le', [0xff, 0xfe]],
    ['utf-16be', [0xfe, 0xff]],
  ] as const) {
    if (startsWith(bytes, ...mark)) return new TextEncoder().encode(new TextDecoder(label).decode(bytes))
  }
  return startsWith(bytes, 0xef, 0xbb, 0xbf) ? bytes.subarray(3) : bytes
}

/**
 * Converts the bytes of an input to text that may contain mails.
 *
 * @throws PatchError `too-large`, `compressed`, `web-page` or `not-text`
 */
export function inputText(input: string | Uint8Array, source: string, limits: PatchLimits): ByteString {
  const refuse = (code: PatchError['code'], message: string): PatchError =>
    new PatchError(code, source, `${source}: ${message}`)
  if (input.length > limits.bytes) {
    const unit = typeof input === 'string' ? 'characters' : 'bytes'
    throw refuse('too-large', `the file is too long. Accepted: at most ${String(limits.bytes)} ${unit}.`)
  }
  const bytes = asUtf8(typeof input === 'string' ? new TextEncoder().encode(input) : input)
  if (
    startsWith(bytes, 0x1f, 0x8b) ||
    startsWith(bytes, 0xfd, 0x37, 0x7a) ||
    startsWith(bytes, 0x42, 0x5a, 0x68)
  ) {
    throw refuse(
      'compressed',
      'the file is compressed. Accepted: the unpacked mails (gunzip, unxz or bunzip2).',
    )
  }
  const text = toByteString(bytes)
  if (/^\s*<(?:!doctype\s+html|html|\?xml)\b/i.test(text.slice(0, 1_000))) {
    throw refuse(
      'web-page',
      'a web page. Accepted: the mail itself; on lore.kernel.org add /raw to its address, or /t.mbox.gz for the thread.',
    )
  }
  const nul = text.indexOf('\0')
  if (nul >= 0) {
    const line = text.slice(0, nul).split('\n').length
    throw new PatchError(
      'not-text',
      source,
      `${source}:${String(line)}: a NUL byte: the file is binary. Accepted: text.`,
    )
  }
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  if (lines > limits.lines) {
    throw refuse(
      'too-large',
      `the file has ${String(lines)} lines. Accepted: at most ${String(limits.lines)}.`,
    )
  }
  return text
}
