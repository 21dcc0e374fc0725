// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseModule } from '@pfo-workbench/ir'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeObject, encodeObject, ObjectFormatError, translate } from '../src/index.ts'

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 300)
const ir = readFileSync(
  join(import.meta.dirname, '../../ir/test/fixtures/shapes.ppc64le.clang-19.ll'),
  'utf8',
)
const object = translate(parseModule(ir), {
  file: 'shapes.c',
  module: 'shapes',
  layouts: 'all',
  probes: true,
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
      probes: true,
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

  it('is refused if it has another format, or ranges outside of its bytes', () => {
    const broken = (change: object): (() => unknown) => {
      const bytes = encodeObject({ ...object, ...change })
      return () => decodeObject(bytes)
    }
    expect(broken({ format: 1 })).toThrow(/header is wrong at format/)
    expect(broken({ extra: 1 })).toThrow(ObjectFormatError)
    const [first] = object.functions
    expect(broken({ functions: [{ ...first, start: 1e9 }] })).toThrow(/outside of its code/)
    const [data] = object.data
    expect(broken({ data: [{ ...data, start: -1 }] })).toThrow(/outside of its data/)
  })

  it('with a changed header byte is either decoded or refused with an ObjectFormatError', () => {
    const bytes = encodeObject(object)
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(255), (at, value) => {
        const changed = bytes.slice()
        changed[at] = value
        try {
          decodeObject(changed)
        } catch (error) {
          expect(error).toBeInstanceOf(ObjectFormatError)
        }
      }),
      { numRuns: Math.min(numRuns, 2000) },
    )
  })
})
