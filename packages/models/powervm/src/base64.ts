// SPDX-License-Identifier: GPL-2.0-only

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Decodes valid base64 and skips padding and line ends. `atob` is not used, because it is not part of the language. */
export function fromBase64(text: string): Uint8Array {
  const digits = new Int8Array(128).fill(-1)
  for (let digit = 0; digit < ALPHABET.length; digit++) digits[ALPHABET.charCodeAt(digit)] = digit
  const bytes = new Uint8Array((text.length * 6) >> 3)
  let length = 0
  let bits = 0
  let pending = 0
  for (let i = 0; i < text.length; i++) {
    const digit = digits[text.charCodeAt(i)] ?? -1
    if (digit < 0) continue
    pending = ((pending << 6) | digit) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[length++] = (pending >> bits) & 0xff
  }
  return bytes.slice(0, length)
}
