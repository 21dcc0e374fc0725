// SPDX-License-Identifier: GPL-2.0-only

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Decodes base64 that is known to be sound. Padding and line ends are skipped. (`atob` belongs to the host.) */
export function fromBase64(text: string): Uint8Array {
  const bytes: number[] = []
  let bits = 0
  let pending = 0
  for (const char of text) {
    const digit = ALPHABET.indexOf(char)
    if (digit < 0) continue
    pending = ((pending << 6) | digit) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes.push((pending >> bits) & 0xff)
  }
  return Uint8Array.from(bytes)
}
