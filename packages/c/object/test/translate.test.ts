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

  it.each([
    ['a cast', 'ptr inttoptr (i64 MINUS to ptr)', 'an address in a constant'],
    ['a part', 'i32 trunc (i64 MINUS to i32)', 'an address in a constant'],
    ['a byte', 'i8 trunc (i64 MINUS to i8)', 'part of an address in a constant'],
    ['an index', 'ptr getelementptr (i8, ptr @x, i64 MINUS)', 'index of a constant'],
    ['a sum', 'i64 add (i64 MINUS, i64 5)', 'an address in a constant'],
    ['a sum in the other order', 'i64 add (i64 5, i64 MINUS)', 'an address in a constant'],
    ['a mask', 'i64 and (i64 MINUS, i64 7)', 'and of addresses in a constant'],
    ['a comparison', 'i1 icmp eq (i64 MINUS, i64 0)', 'comparison of addresses in a constant'],
    [
      'a part that is extended again',
      'i64 zext (i32 trunc (i64 sub (i64 ptrtoint (ptr @x to i64), i64 ptrtoint (ptr @y to i64)) to i32) to i64)',
      'part of an address in a constant',
    ],
  ])(
    'that is %s of a subtracted address becomes zero, and the object reports it',
    (_what, value, problem) => {
      const minus = 'sub (i64 0, i64 ptrtoint (ptr @x to i64))'
      const { data } = object(`@x = global i64 1\n@y = global ${value.replace('MINUS', minus)}\n`)
      expect(data[1]).toMatchObject({ name: 'y', start: null, relocations: [], problem })
    },
  )

  it('may be a number of any width, a string, or floating point', () => {
    const { data, bytes } = object(
      '@x = global <{ i24, [2 x i8], float, double, i1 }> <{ i24 -2, [2 x i8] c"ab", float 1.0, double 0x3FF0000000000000, i1 true }>\n',
    )
    expect(data[0]?.problem).toBeNull()
    // In memory an i24 is as long as an i32; its last byte is padding.
    expect([...bytes]).toEqual([0xfe, 0xff, 0xff, 0, 97, 98, 0, 0, 128, 63, 0, 0, 0, 0, 0, 0, 240, 63, 1])
  })
})

describe('an alias', () => {
  it('of the difference of two addresses is left out, and the object reports it', () => {
    const { aliases, problems } = object(`@x = global i64 1
@y = global i64 2
@z = alias i64, inttoptr (i64 sub (i64 ptrtoint (ptr @x to i64), i64 ptrtoint (ptr @y to i64)) to ptr)
`)
    expect(aliases).toEqual([])
    expect(problems).toEqual(['alias z: an address in a constant'])
  })
})

describe('a function', () => {
  it('whose type cannot be expressed is left out, and the object reports it', () => {
    const { functions, untranslated } = object('define <4 x i32> @f(<4 x i32> %0) {\n  ret <4 x i32> %0\n}\n')
    expect(functions).toEqual([])
    expect(untranslated).toEqual([{ function: 'f', line: 0, reason: 'type vector' }])
  })

  it.each([
    ['fp128', 'i128', '0xL00000000000000000000000000000000'],
    ['bfloat', 'i16', '0xR3F80'],
  ])('stops at each instruction with a number of the type %s', (type, integer, value) => {
    const reasonsIn = (code: string): string[] =>
      object(`@x = global i128 0\ndefine i32 @f() {\n  ${code}\n  ret i32 0\n}\n`).untranslated.map(
        ({ reason }) => reason,
      )
    expect(reasonsIn(`%1 = bitcast ${type} ${value} to ${integer}`)).toEqual([`type ${type}`])
    expect(reasonsIn(`%1 = bitcast ${integer} 1 to ${type}`)).toEqual([`type ${type}`])
    expect(reasonsIn(`%1 = load ${type}, ptr @x`)).toEqual([`${type} as a number`])
    expect(reasonsIn(`store ${type} ${value}, ptr @x`)).toEqual([`${type} as a number`])
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
