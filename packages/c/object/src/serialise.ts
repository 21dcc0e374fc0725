// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import { layoutSchema, layoutTypeSchema } from './layout.ts'
import type { ObjectFile, ObjectHeader } from './object.ts'

const integer = z.number().int()
const numbers = z.array(integer)
const linkage = z.enum(['global', 'local', 'weak', 'fallback'])
const wasmType = z.enum(['i32', 'i64'])
const text = z.string()

const headerSchema: z.ZodType<ObjectHeader> = z.strictObject({
  format: z.literal(2),
  file: text,
  module: text.nullable(),
  bigEndian: z.boolean(),
  signatures: z.array(z.strictObject({ parameters: z.array(wasmType), results: z.array(wasmType) })),
  symbols: z.array(text),
  runtime: z.array(text),
  files: z.array(text),
  allocations: z.array(text),
  functions: z.array(
    z.strictObject({
      name: text,
      linkage,
      signature: integer,
      variadic: z.boolean(),
      inline: z.boolean(),
      file: text,
      line: integer,
      start: integer,
      size: integer,
      relocations: numbers,
      lines: numbers,
    }),
  ),
  data: z.array(
    z.strictObject({
      name: text,
      linkage,
      section: text.nullable(),
      size: integer,
      alignment: integer,
      start: integer.nullable(),
      relocations: z.array(
        z.strictObject({
          offset: integer,
          size: integer,
          symbol: text,
          minus: text.nullable(),
          addend: integer,
        }),
      ),
      type: layoutTypeSchema.nullable(),
      problem: text.nullable(),
    }),
  ),
  aliases: z.array(z.strictObject({ name: text, linkage, target: text, addend: integer })),
  externalFunctions: z.array(
    z.strictObject({ name: text, signature: integer, variadic: z.boolean(), weak: z.boolean() }),
  ),
  externalData: z.array(
    z.strictObject({
      name: text,
      size: integer,
      alignment: integer,
      weak: z.boolean(),
      type: layoutTypeSchema.nullable(),
    }),
  ),
  initcalls: z.array(z.strictObject({ level: text, function: text })),
  untranslated: z.array(z.strictObject({ function: text, line: integer, reason: text })),
  probes: z.array(z.strictObject({ function: text, file: text, lines: numbers })),
  stackVariables: z.array(z.strictObject({ function: text, name: text, size: integer })),
  watches: z.array(text),
  layouts: z.record(text, layoutSchema),
  assembler: z.array(text),
  problems: z.array(text),
})

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
  const parsed = headerSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ObjectFormatError(
    `an object whose header is wrong at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  )
}

/** Checks an assumption of the linker: all ranges are inside the bytes. */
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
