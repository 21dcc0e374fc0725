// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  integerType,
  parseModule,
  pointerType,
  printType,
  printValue,
  sameType,
  type Constant,
  type StructType,
  type Type,
} from '../src/index.ts'

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 300)

const scalar: fc.Arbitrary<Type> = fc.oneof(
  fc.integer({ min: 1, max: 140 }).map(integerType),
  fc.constant(pointerType),
)

const anyType: fc.Arbitrary<Type> = fc.letrec<{ type: Type }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc
      .tuple(fc.integer({ min: 0, max: 4 }), tie('type'))
      .map(([length, element]): Type => ({ kind: 'array', length, element })),
    fc
      .tuple(fc.array(tie('type'), { maxLength: 4 }), fc.boolean())
      .map(([fields, packed]): StructType => ({ kind: 'struct', name: null, fields, packed })),
  ),
})).type

const symbol = fc
  .string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 8,
  })
  .filter((name) => !name.startsWith('\x01'))

/** An arbitrary constant of a type. */
function constantOf(type: Type): fc.Arbitrary<Constant> {
  switch (type.kind) {
    case 'integer':
      return fc.oneof(
        fc
          .bigInt({ min: 0n, max: (1n << BigInt(type.bits)) - 1n })
          .map((value): Constant => ({ kind: 'integer', type, value })),
        fc.constantFrom('undef', 'poison').map((kind): Constant => ({ kind, type })),
        symbol.map((name): Constant => ({
          kind: 'cast',
          type,
          operation: 'ptrtoint',
          value: { kind: 'global', type: pointerType, name },
        })),
      )
    case 'pointer':
      return fc.oneof(
        fc.constant<Constant>({ kind: 'null', type }),
        symbol.map((name): Constant => ({ kind: 'global', type, name })),
        fc.tuple(symbol, fc.bigInt({ min: 0n, max: 0xffffffffffffffffn })).map(([name, value]): Constant => ({
          kind: 'getelementptr',
          type,
          sourceType: integerType(8),
          base: { kind: 'global', type, name },
          indices: [{ kind: 'integer', type: integerType(64), value }],
        })),
      )
    case 'array': {
      const elements = fc
        .tuple(...Array.from({ length: type.length }, () => constantOf(type.element)))
        .map((all): Constant => ({ kind: 'aggregate', type, elements: all }))
      const { element, length } = type
      if (element.kind !== 'integer' || element.bits !== 8) return elements
      const bytes = fc
        .uint8Array({ minLength: length, maxLength: length })
        .map((all): Constant => ({ kind: 'bytes', type, bytes: new Uint8Array(all) }))
      return fc.oneof(elements, bytes)
    }
    case 'struct':
      return fc
        .tuple(...(type.fields ?? []).map(constantOf))
        .map((elements): Constant => ({ kind: 'aggregate', type, elements }))
    default:
      return fc.constant<Constant>({ kind: 'zero', type })
  }
}

const typed = anyType.chain((type) => constantOf(type).map((constant) => ({ type, constant })))

describe('constants', () => {
  it('survive printing and parsing', () => {
    fc.assert(
      fc.property(typed, ({ type, constant }) => {
        const module = parseModule(`@x = global ${printType(type)} ${printValue(constant)}, align 8\n`)
        expect(module.problems).toEqual([])
        const read = module.globals.get('x')
        expect(read === undefined ? null : sameType(read.type, type)).toBe(true)
        expect(read?.initializer).toEqual(constant)
        expect(read?.alignment).toBe(8)
      }),
      { numRuns },
    )
  })

  it('with arbitrary text are parsed or unknown, and parsing continues on the next line', () => {
    const junk = fc.string({
      unit: fc.constantFrom(
        '{',
        '}',
        '(',
        ')',
        '[',
        ']',
        ',',
        '"',
        '\\',
        '@a',
        '%b',
        '!1',
        'i32 ',
        '1',
        '-',
        'x',
        ' ',
        'c"',
        '#',
      ),
      maxLength: 20,
    })
    fc.assert(
      fc.property(junk, (text) => {
        const module = parseModule(`@x = global i32 ${text}\n@after = global i32 7\n`)
        expect(module.globals.get('after')?.initializer).toMatchObject({ value: 7n })
      }),
      { numRuns },
    )
  })
})
