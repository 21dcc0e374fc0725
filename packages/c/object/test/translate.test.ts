// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseModule } from '@pfo-workbench/ir'
import { describe, expect, it } from 'vitest'
import { translate, type ObjectFile } from '../src/index.ts'

const fixtures = join(import.meta.dirname, '../../ir/test/fixtures')
const layout = 'target datalayout = "e-m:e-i64:64-n32:64"\n'

function object(text: string): ObjectFile {
  return translate(parseModule(layout + text), { file: 'a.c', module: null })
}

describe.each(['16', '19'])('IR of clang %s', (version) => {
  const module = parseModule(readFileSync(join(fixtures, `shapes.ppc64le.clang-${version}.ll`), 'utf8'))
  const shapes = translate(module, { file: 'shapes.c', module: null, layouts: ['item'] })

  it('is translated completely, except for floating point', () => {
    expect(shapes.untranslated).toEqual([
      {
        function: 'number',
        line: expect.any(Number) as number,
        reason: expect.stringContaining('fpext') as string,
      },
    ])
    expect(shapes.problems).toEqual([])
    expect(shapes.assembler).toContain('# swap $0 $1 $2')
  })

  it('has the requested layouts, and those of embedded structures', () => {
    expect(Object.keys(shapes.layouts).sort()).toEqual(
      expect.arrayContaining(['flags', 'item', 'pair', 'ref']),
    )
    const item = shapes.layouts['item']
    expect(item?.fields.map(({ name, offset, type }) => [name, offset, type.kind])).toEqual([
      ['next', 0, 'pointer'],
      ['name', 8, 'pointer'],
      ['ref', 16, 'struct'],
      ['whole', 24, 'integer'],
      ['parts', 24, 'struct'],
      ['flags', 40, 'struct'],
      ['place', 48, 'unnamed'],
      ['body', 52, 'array'],
    ])
    expect(item?.fields[0]?.type).toEqual({ kind: 'pointer', to: 'item' })
    expect(shapes.layouts['flags']?.fields[1]).toMatchObject({ name: 'count', bits: { offset: 3, width: 7 } })
  })

  it('has symbols with types and files', () => {
    expect(shapes.data.find(({ name }) => name === 'first')).toMatchObject({
      linkage: 'global',
      type: { kind: 'struct', name: 'item' },
      relocations: [
        { offset: 0, size: 8, symbol: 'first', minus: null, addend: 0 },
        { offset: 8, size: 8, symbol: '.str.2', minus: null, addend: 0 },
      ],
    })
    expect(shapes.functions.find(({ name }) => name === 'triple')).toMatchObject({
      linkage: 'local',
      inline: true,
      file: 'shapes.c',
    })
    expect(shapes.aliases).toEqual([{ name: 'other_name', linkage: 'global', target: 'choose', addend: 0 }])
    expect(shapes.externalFunctions.find(({ name }) => name === 'maybe')?.weak).toBe(true)
  })
})

describe('an initial value', () => {
  it('that is unknown becomes zero, and the object reports it', () => {
    const { data } = object(
      '@x = global i64 frob (i32 1)\n@y = global i32 trunc (i64 ptrtoint (ptr @x to i64) to i32)\n',
    )
    expect(data).toMatchObject([
      { name: 'x', start: null, problem: 'constant frob(i32 1)' },
      { name: 'y', start: null, problem: 'part of an address in a constant' },
    ])
  })

  it('may be a number of any width, a string, or floating point', () => {
    const { data, bytes } = object(
      '@x = global <{ i24, [2 x i8], float, double, i1 }> <{ i24 -2, [2 x i8] c"ab", float 1.0, double 0x3FF0000000000000, i1 true }>\n',
    )
    expect(data[0]?.problem).toBeNull()
    // In memory an i24 is as long as an i32; its last byte is padding.
    expect([...bytes]).toEqual([0xfe, 0xff, 0xff, 0, 97, 98, 0, 0, 128, 63, 0, 0, 0, 0, 0, 0, 240, 63, 1])
  })
})

describe('a function', () => {
  it('whose type cannot be expressed is left out, and the object reports it', () => {
    const { functions, untranslated } = object('define <4 x i32> @f(<4 x i32> %0) {\n  ret <4 x i32> %0\n}\n')
    expect(functions).toEqual([])
    expect(untranslated).toEqual([{ function: 'f', line: 0, reason: 'type vector' }])
  })

  it('stops only at unknown code', () => {
    const { functions, untranslated } = object(`define i32 @f(i1 %0, i32 %1) {
  br i1 %0, label %odd, label %plain
odd:
  %3 = frob i32 %1
  %4 = add i32 %3, 1
  br label %out
plain:
  br label %out
out:
  %5 = phi i32 [ %4, %odd ], [ %1, %plain ]
  ret i32 %5
}
`)
    expect(functions).toHaveLength(1)
    expect(untranslated).toHaveLength(1)
  })
})
