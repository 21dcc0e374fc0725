// SPDX-License-Identifier: GPL-2.0-only
import { objectHeaderSchema, type ObjectFile, type ObjectHeader } from './object.ts'

/** The bytes are not an object that this version of the package wrote. */
export class ObjectFormatError extends Error {
  override readonly name = 'ObjectFormatError'
}

/** Start of the file. Three 32-bit lengths follow. */
const magic = 'pfo-obj1'
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

/** Decodes the bytes of {@link encodeObject}. @throws ObjectFormatError for any other input */
export function decodeObject(all: Uint8Array): ObjectFile {
  if (all.length < headLength || new TextDecoder().decode(all.subarray(0, magic.length)) !== magic) {
    throw new ObjectFormatError('not an object of the C engine')
  }
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength)
  const [jsonLength, codeLength, bytesLength] = [0, 4, 8].map((at) => view.getUint32(magic.length + at))
  if (jsonLength === undefined || codeLength === undefined || bytesLength === undefined) {
    throw new ObjectFormatError('a truncated object')
  }
  if (all.length !== headLength + jsonLength + codeLength + bytesLength) {
    throw new ObjectFormatError('a truncated object')
  }
  const header = parseHeader(new TextDecoder().decode(all.subarray(headLength, headLength + jsonLength)))
  const codeStart = headLength + jsonLength
  const object: ObjectFile = {
    ...header,
    code: all.slice(codeStart, codeStart + codeLength),
    bytes: all.slice(codeStart + codeLength),
  }
  checkRanges(object)
  return object
}

function parseHeader(json: string): ObjectHeader {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw new ObjectFormatError('an object whose header is not JSON')
  }
  const parsed = objectHeaderSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ObjectFormatError(
    `an object whose header is wrong at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  )
}

/** Checks that functions and variables are inside the code and the data. The linker relies on it. */
function checkRanges({ functions, data, code, bytes }: ObjectFile): void {
  for (const { name, start, size } of functions) {
    if (start < 0 || size < 0 || start + size > code.length) {
      throw new ObjectFormatError(`an object whose function ${name} is outside of its code`)
    }
  }
  for (const { name, start, size } of data) {
    if (size < 0 || (start !== null && (start < 0 || start + size > bytes.length))) {
      throw new ObjectFormatError(`an object whose variable ${name} is outside of its data`)
    }
  }
}
