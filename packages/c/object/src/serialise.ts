// SPDX-License-Identifier: GPL-2.0-only
import type { ObjectFile, ObjectHeader } from './object.ts'

/** The bytes are not an object that this version of the package wrote. */
export class ObjectFormatError extends Error {
  override readonly name = 'ObjectFormatError'
}

/** Start of the file. Three 32-bit lengths follow. */
const magic = 'pfo-obj3'
const headLength = magic.length + 12

/** Encodes an object as bytes, for a cache. Equal objects have equal bytes. */
export function encodeObject(object: ObjectFile): Uint8Array {
  const { code, bytes, ...header } = object
  const json = new TextEncoder().encode(JSON.stringify(header))
  const all = new Uint8Array(headLength + json.length + code.length + bytes.length)
  all.set(new TextEncoder().encode(magic))
  const view = new DataView(all.buffer)
  view.setUint32(magic.length, json.length)
  view.setUint32(magic.length + 4, code.length)
  view.setUint32(magic.length + 8, bytes.length)
  all.set(json, headLength)
  all.set(code, headLength + json.length)
  all.set(bytes, headLength + json.length + code.length)
  return all
}

/**
 * Decodes the bytes of {@link encodeObject}. The caller must know, from a digest, that the bytes are undamaged: this
 * function does not check each field, because that would take longer than reading the objects.
 *
 * @throws ObjectFormatError if the beginning, the lengths or the JSON syntax of the header are wrong
 */
export function decodeObject(all: Uint8Array): ObjectFile {
  if (all.length < headLength || new TextDecoder().decode(all.subarray(0, magic.length)) !== magic) {
    throw new ObjectFormatError('not an object of the C engine')
  }
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength)
  const jsonLength = view.getUint32(magic.length)
  const codeLength = view.getUint32(magic.length + 4)
  const codeStart = headLength + jsonLength
  if (all.length !== codeStart + codeLength + view.getUint32(magic.length + 8)) {
    throw new ObjectFormatError('a truncated object')
  }
  const header = headerOf(new TextDecoder().decode(all.subarray(headLength, codeStart)))
  const bytesStart = codeStart + codeLength
  return { ...header, code: all.slice(codeStart, bytesStart), bytes: all.slice(bytesStart) }
}

function headerOf(json: string): ObjectHeader {
  try {
    return JSON.parse(json) as ObjectHeader
  } catch {
    throw new ObjectFormatError('an object whose header is not JSON')
  }
}
