// SPDX-License-Identifier: GPL-2.0-only
import type { Image } from './image.ts'

/** An image as text: JSON whose big numbers, bytes and maps are marked. For putting it into a bundle. */
export function imageToJson(image: Image): string {
  return JSON.stringify(image, (_, value: unknown) => {
    if (typeof value === 'bigint') return { $bigint: value.toString(16) }
    if (value instanceof Uint8Array) return { $bytes: toBase64(value) }
    if (value instanceof Map) return { $map: [...(value as ReadonlyMap<unknown, unknown>)] }
    return value
  })
}

/** Reads what {@link imageToJson} wrote. The text must come from there: it is not looked at for anything else. */
export function imageFromJson(text: string): Image {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value
    if ('$bigint' in value) return BigInt(`0x${String(value.$bigint)}`)
    if ('$bytes' in value) return fromBase64(String(value.$bytes))
    if ('$map' in value) return new Map(value.$map as [unknown, unknown][])
    return value
  }) as Image
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Written out because the sandbox has no `btoa`, and this has to work on both sides. */
function toBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3)
    const word = (a << 16) | (b << 8) | c
    const digits = [18, 12, 6, 0].map((shift) => alphabet[(word >> shift) & 63] ?? '')
    const count = Math.min(3, bytes.length - i) + 1
    parts.push(digits.slice(0, count).join('').padEnd(4, '='))
  }
  return parts.join('')
}

function fromBase64(text: string): Uint8Array {
  const values = new Uint8Array(128)
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  for (let i = 0, at = 0; i < text.length; i += 4) {
    let word = 0
    for (let k = 0; k < 4; k++) word = (word << 6) | (values[text.charCodeAt(i + k)] ?? 0)
    for (const shift of [16, 8, 0]) if (at < bytes.length) bytes[at++] = (word >> shift) & 255
  }
  return bytes
}
