// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseYaml } from '../src/index.ts'

const schema = z.strictObject({
  name: z.string().describe('A name'),
  parts: z.array(z.strictObject({ size: z.number().int() })).default([]),
})

const read = (text: string): unknown => parseYaml(text, 'x.yaml', schema, (message) => new Error(message))

describe('a YAML text', () => {
  it('is parsed as the schema describes', () => {
    expect(read('name: a\nparts: [{ size: 1 }]\n')).toEqual({ name: 'a', parts: [{ size: 1 }] })
  })

  it('with a second document is refused with a message for the author of the file', () => {
    expect(() => read('name: a\n---\nname: b\n')).toThrow(
      'x.yaml:2:1: not valid YAML: the file contains a second document; only one is accepted',
    )
  })

  it('with an unknown field is refused with the fields that are accepted at that place', () => {
    expect(() => read('name: a\nparts:\n  - size: 1\n    siez: 2\n')).toThrow(
      'x.yaml:4:5: unknown field "parts.0.siez"; accepted here: size. Did you mean "size"?',
    )
    expect(() => read('nmae: a\n')).toThrow(
      'unknown field "nmae"; accepted here: name, parts. Did you mean "name"?',
    )
  })
})
