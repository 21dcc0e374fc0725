// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseModule } from '@pfo-workbench/ir'
import { describe, expect, it } from 'vitest'
import { decodeObject, encodeObject, ObjectFormatError, translate } from '../src/index.ts'

const ir = readFileSync(
  join(import.meta.dirname, '../../ir/test/fixtures/shapes.ppc64le.clang-19.ll'),
  'utf8',
)
const object = translate(parseModule(ir), {
  file: 'shapes.c',
  module: 'shapes',
  layouts: 'all',
  coverage: true,
})

describe('an encoded object', () => {
  it('decodes to the same object', () => {
    expect(decodeObject(encodeObject(object))).toEqual(object)
  })

  it('is the same for the same IR', () => {
    const again = translate(parseModule(ir), {
      file: 'shapes.c',
      module: 'shapes',
      layouts: 'all',
      coverage: true,
    })
    expect(encodeObject(again)).toEqual(encodeObject(object))
  })

  it('is refused if it is truncated or extended', () => {
    const bytes = encodeObject(object)
    for (const length of [0, 5, 19, 20, 200, bytes.length - 1]) {
      expect(() => decodeObject(bytes.subarray(0, length))).toThrow(ObjectFormatError)
    }
    expect(() => decodeObject(Uint8Array.of(...bytes, 0))).toThrow(ObjectFormatError)
  })

  it('is refused if it has another format', () => {
    const bytes = encodeObject(object)
    bytes[7] = '1'.charCodeAt(0)
    expect(() => decodeObject(bytes)).toThrow(ObjectFormatError)
  })
})
