// SPDX-License-Identifier: GPL-2.0-only

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Decodes valid base64, with or without line ends. `atob` is not used, because it is not part of the language. */
export function fromBase64(lines: string): Uint8Array {
  const text = lines.replaceAll('\n', '')
  const digits = new Uint8Array(128)
  for (let digit = 0; digit < ALPHABET.length; digit++) digits[ALPHABET.charCodeAt(digit)] = digit
  const at = (index: number): number => digits[text.charCodeAt(index)] ?? 0
  const bytes = new Uint8Array((text.length / 4) * 3)
  for (let from = 0, to = 0; from < text.length; from += 4, to += 3) {
    const word = (at(from) << 18) | (at(from + 1) << 12) | (at(from + 2) << 6) | at(from + 3)
    bytes[to] = word >> 16
    bytes[to + 1] = word >> 8
    bytes[to + 2] = word
  }
  return bytes.slice(0, bytes.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0))
}
