// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { build, start, type Program } from './support/run.ts'
import { callWith, edges } from './support/words.ts'

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 40)
const widths = [1, 3, 8, 13, 16, 24, 31, 32, 33, 40, 48, 63, 64, 65, 100, 127, 128] as const

const signed = (value: bigint, bits: number): bigint => BigInt.asIntN(bits, value)

/** Semantics of LLVM's language reference; null if the result is undefined. */
const binary: Readonly<Record<string, (a: bigint, b: bigint, bits: number) => bigint | null>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b, bits) => (b < BigInt(bits) ? a << b : null),
  lshr: (a, b, bits) => (b < BigInt(bits) ? a >> b : null),
  ashr: (a, b, bits) => (b < BigInt(bits) ? signed(a, bits) >> b : null),
  udiv: (a, b, bits) => (b === 0n || bits > 64 ? null : a / b),
  urem: (a, b, bits) => (b === 0n || bits > 64 ? null : a % b),
  sdiv: (a, b, bits) =>
    b === 0n || bits > 64 || overflows(a, b, bits) ? null : signed(a, bits) / signed(b, bits),
  srem: (a, b, bits) =>
    b === 0n || bits > 64 || overflows(a, b, bits) ? null : signed(a, bits) % signed(b, bits),
}

/** True for the only signed quotient that overflows: the smallest integer divided by -1. */
function overflows(a: bigint, b: bigint, bits: number): boolean {
  return signed(b, bits) === -1n && a === 1n << BigInt(bits - 1)
}

const predicates: Readonly<Record<string, (a: bigint, b: bigint, bits: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  ugt: (a, b) => a > b,
  uge: (a, b) => a >= b,
  ult: (a, b) => a < b,
  ule: (a, b) => a <= b,
  sgt: (a, b, bits) => signed(a, bits) > signed(b, bits),
  sge: (a, b, bits) => signed(a, bits) >= signed(b, bits),
  slt: (a, b, bits) => signed(a, bits) < signed(b, bits),
  sle: (a, b, bits) => signed(a, bits) <= signed(b, bits),
}

function pairs(bits: number, check: (a: bigint, b: bigint) => void): void {
  for (const a of edges(bits)) {
    for (const b of edges(bits)) check(a, b)
    // Only amounts below the width are defined for shifts, so add small numbers and the edges of widths.
    for (const b of [0n, 1n, 31n, 32n, 33n, 63n, 64n, 65n, BigInt(bits - 1)])
      check(a, BigInt.asUintN(bits, b))
  }
  const any = fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n })
  fc.assert(
    fc.property(any, any, (a, b) => check(a, b)),
    { numRuns },
  )
}

function program(functions: readonly string[]): Program {
  return start(build({ 'a.ll': `target datalayout = "e-i64:64-n32:64"\n${functions.join('\n')}` }))
}

const arithmetic = program(
  widths.flatMap((bits) =>
    Object.keys(binary).map(
      (name) =>
        `define i${bits} @${name}${bits}(i${bits} %0, i${bits} %1) {\n  %3 = ${name} i${bits} %0, %1\n  ret i${bits} %3\n}`,
    ),
  ),
)

describe.each(Object.keys(binary))('%s', (name) => {
  it.each(widths)('of i%i', (bits) => {
    pairs(bits, (a, b) => {
      const wanted = binary[name]?.(a, b, bits) ?? null
      if (wanted === null) return
      const result = callWith(
        arithmetic,
        `${name}${bits}`,
        [
          [a, bits],
          [b, bits],
        ],
        bits,
      )
      expect([a, b, result]).toEqual([a, b, BigInt.asUintN(bits, wanted)])
    })
  })
})

describe('a shift by the width or more', () => {
  it.each([8, 16, 32, 64])('yields 0 or copies of the sign for i%i, as on PowerPC', (bits) => {
    // Narrow integers are shifted in 32-bit registers.
    const amount = BigInt(Math.max(bits, 32))
    const value = BigInt.asUintN(bits, -2n)
    const shift = (name: string): bigint =>
      callWith(
        arithmetic,
        `${name}${bits}`,
        [
          [value, bits],
          [BigInt.asUintN(bits, amount), bits],
        ],
        bits,
      )
    expect([shift('shl'), shift('lshr'), shift('ashr')]).toEqual([0n, 0n, BigInt.asUintN(bits, -1n)])
  })

  it('by a constant yields the same', () => {
    const shifts = program([
      'define i32 @left(i32 %0) {\n  %2 = shl i32 %0, 40\n  ret i32 %2\n}',
      'define i64 @right(i64 %0) {\n  %2 = lshr i64 %0, 64\n  ret i64 %2\n}',
      'define i32 @sign(i32 %0) {\n  %2 = ashr i32 %0, 40\n  ret i32 %2\n}',
    ])
    expect(callWith(shifts, 'left', [[5n, 32]], 32)).toBe(0n)
    expect(callWith(shifts, 'right', [[5n, 64]], 64)).toBe(0n)
    expect(callWith(shifts, 'sign', [[0x80000000n, 32]], 32)).toBe(0xffffffffn)
  })
})

describe('division', () => {
  it('by zero traps', () => {
    expect(() =>
      callWith(
        arithmetic,
        'udiv32',
        [
          [1n, 32],
          [0n, 32],
        ],
        32,
      ),
    ).toThrow(WebAssembly.RuntimeError)
    expect(() =>
      callWith(
        arithmetic,
        'srem64',
        [
          [1n, 64],
          [0n, 64],
        ],
        64,
      ),
    ).toThrow(WebAssembly.RuntimeError)
  })

  it('of more than 64 bits is not translated, and stops the program when it is reached', () => {
    expect(arithmetic.image.untranslated.map(({ reason }) => reason)).toContain('udiv of 128 bits')
    expect(() =>
      callWith(
        arithmetic,
        'udiv128',
        [
          [6n, 128],
          [3n, 128],
        ],
        128,
      ),
    ).toThrow(/untranslated/)
  })
})

const comparisons = program(
  widths.flatMap((bits) =>
    Object.keys(predicates).map(
      (name) =>
        `define i1 @${name}${bits}(i${bits} %0, i${bits} %1) {\n  %3 = icmp ${name} i${bits} %0, %1\n  ret i1 %3\n}`,
    ),
  ),
)

describe.each(Object.keys(predicates))('icmp %s', (name) => {
  it.each(widths)('of i%i', (bits) => {
    pairs(bits, (a, b) => {
      const result = callWith(
        comparisons,
        `${name}${bits}`,
        [
          [a, bits],
          [b, bits],
        ],
        1,
      )
      expect([a, b, result]).toEqual([a, b, predicates[name]?.(a, b, bits) === true ? 1n : 0n])
    })
  })
})

describe('casts', () => {
  const casts = program(
    widths.flatMap((from) =>
      widths.flatMap((to) => {
        if (from === to) return []
        const names = from > to ? ['trunc'] : ['zext', 'sext']
        return names.map(
          (name) =>
            `define i${to} @${name}${from}to${to}(i${from} %0) {\n  %2 = ${name} i${from} %0 to i${to}\n  ret i${to} %2\n}`,
        )
      }),
    ),
  )

  it.each(widths)('of i%i keep the bits and the sign', (from) => {
    for (const to of widths) {
      if (from === to) continue
      for (const value of edges(from)) {
        const cast = (name: string): bigint => callWith(casts, `${name}${from}to${to}`, [[value, from]], to)
        if (from > to) expect(cast('trunc')).toBe(BigInt.asUintN(to, value))
        else {
          expect(cast('zext')).toBe(value)
          expect([value, cast('sext')]).toEqual([value, BigInt.asUintN(to, signed(value, from))])
        }
      }
    }
  })

  it('between pointers and integers truncate and zero-extend', () => {
    const pointers = program([
      'define i32 @low(ptr %0) {\n  %2 = ptrtoint ptr %0 to i32\n  ret i32 %2\n}',
      'define i128 @wide(ptr %0) {\n  %2 = ptrtoint ptr %0 to i128\n  ret i128 %2\n}',
      'define ptr @back(i16 %0) {\n  %2 = inttoptr i16 %0 to ptr\n  ret ptr %2\n}',
      'define i8 @byte(ptr %0) {\n  %2 = ptrtoint ptr %0 to i8\n  ret i8 %2\n}',
    ])
    const pointer = 0xc0000000fedcba98n
    expect(callWith(pointers, 'low', [[pointer, 64]], 32)).toBe(0xfedcba98n)
    expect(callWith(pointers, 'wide', [[pointer, 64]], 128)).toBe(pointer)
    expect(callWith(pointers, 'back', [[0xffffn, 16]], 64)).toBe(0xffffn)
    expect(callWith(pointers, 'byte', [[pointer, 64]], 8)).toBe(0x98n)
  })
})

describe('intrinsics', () => {
  const narrow = widths.filter((bits) => bits <= 32 || bits === 64)
  const overflowing = ['uadd', 'usub', 'umul', 'sadd', 'ssub', 'smul'] as const
  const saturating = ['uadd', 'usub', 'sadd', 'ssub'] as const
  const exact = (name: string, a: bigint, b: bigint, bits: number): bigint => {
    const [x, y] = name.startsWith('s') ? [signed(a, bits), signed(b, bits)] : [a, b]
    return name.endsWith('add') ? x + y : name.endsWith('sub') ? x - y : x * y
  }
  const fits = (name: string, value: bigint, bits: number): boolean =>
    value === (name.startsWith('s') ? signed(value, bits) : BigInt.asUintN(bits, value))
  const clamp = (name: string, value: bigint, bits: number): bigint => {
    if (fits(name, value, bits)) return value
    const top = 1n << BigInt(name.startsWith('s') ? bits - 1 : bits)
    return value > 0n ? top - 1n : name.startsWith('s') ? -top : 0n
  }
  const intrinsics = program(
    narrow.flatMap((bits) => {
      const type = `i${bits}`
      const call = (result: string, name: string, args: string): string =>
        `  %9 = call ${result} @llvm.${name}.${type}(${args})`
      const two = `${type} %0, ${type} %1`
      const simple = (name: string, intrinsic: string, args: string, parameters = two): string =>
        `define ${type} @${name}${bits}(${parameters}) {\n${call(type, intrinsic, args)}\n  ret ${type} %9\n}`
      return [
        ...overflowing.flatMap((name) => [
          `define ${type} @${name}${bits}(${two}) {\n${call(`{ ${type}, i1 }`, `${name}.with.overflow`, two)}\n  %x = extractvalue { ${type}, i1 } %9, 0\n  ret ${type} %x\n}`,
          `define i1 @${name}o${bits}(${two}) {\n${call(`{ ${type}, i1 }`, `${name}.with.overflow`, two)}\n  %x = extractvalue { ${type}, i1 } %9, 1\n  ret i1 %x\n}`,
        ]),
        ...saturating.map((name) => simple(`${name}sat`, `${name}.sat`, two)),
        ...['umin', 'umax', 'smin', 'smax'].map((name) => simple(name, name, two)),
        simple('abs', 'abs', `${type} %0, i1 false`, `${type} %0`),
        simple('ctlz', 'ctlz', `${type} %0, i1 false`, `${type} %0`),
        simple('cttz', 'cttz', `${type} %0, i1 false`, `${type} %0`),
        simple('ctpop', 'ctpop', `${type} %0`, `${type} %0`),
      ]
    }),
  )
  const ask = (name: string, bits: number, a: bigint, b?: bigint, result = bits): bigint =>
    callWith(
      intrinsics,
      `${name}${bits}`,
      b === undefined
        ? [[a, bits]]
        : [
            [a, bits],
            [b, bits],
          ],
      result,
    )

  it.each(narrow)('of i%i detect overflow', (bits) => {
    pairs(bits, (a, b) => {
      for (const name of overflowing) {
        const value = exact(name, a, b, bits)
        expect([name, a, b, ask(name, bits, a, b)]).toEqual([name, a, b, BigInt.asUintN(bits, value)])
        expect([name, a, b, ask(`${name}o`, bits, a, b, 1)]).toEqual([
          name,
          a,
          b,
          fits(name, value, bits) ? 0n : 1n,
        ])
      }
    })
  })

  it.each(narrow)('of i%i saturate, select minimum and maximum, and count bits', (bits) => {
    pairs(bits, (a, b) => {
      for (const name of saturating) {
        const wanted = BigInt.asUintN(bits, clamp(name, exact(name, a, b, bits), bits))
        expect([name, a, b, ask(`${name}sat`, bits, a, b)]).toEqual([name, a, b, wanted])
      }
      const [x, y] = [signed(a, bits), signed(b, bits)]
      expect(ask('umin', bits, a, b)).toBe(a < b ? a : b)
      expect(ask('umax', bits, a, b)).toBe(a > b ? a : b)
      expect(ask('smin', bits, a, b)).toBe(x < y ? a : b)
      expect(ask('smax', bits, a, b)).toBe(x > y ? a : b)
    })
    for (const value of edges(bits)) {
      const text = value.toString(2).padStart(bits, '0')
      const negative = signed(value, bits) < 0n
      expect(ask('abs', bits, value)).toBe(negative ? BigInt.asUintN(bits, -value) : value)
      const cut = (count: number): bigint => BigInt.asUintN(bits, BigInt(count))
      expect(ask('ctpop', bits, value)).toBe(cut(text.replaceAll('0', '').length))
      expect(ask('ctlz', bits, value)).toBe(cut(value === 0n ? bits : text.indexOf('1')))
      expect(ask('cttz', bits, value)).toBe(cut(value === 0n ? bits : bits - 1 - text.lastIndexOf('1')))
    }
  })

  it.each([8, 16, 32, 64])('of i%i perform funnel shifts', (bits) => {
    const type = `i${bits}`
    const shifts = program(
      ['fshl', 'fshr'].map(
        (name) =>
          `define ${type} @${name}(${type} %0, ${type} %1, ${type} %2) {\n  %4 = call ${type} @llvm.${name}.${type}(${type} %0, ${type} %1, ${type} %2)\n  ret ${type} %4\n}`,
      ),
    )
    for (const high of edges(bits)) {
      for (const low of edges(bits)) {
        for (const amount of [0, 1, 5, bits - 1, bits, bits + 3]) {
          const both = (high << BigInt(bits)) | low
          const by = BigInt(amount % bits)
          const args = [
            [high, bits],
            [low, bits],
            [BigInt(amount), bits],
          ] as const
          expect(callWith(shifts, 'fshl', args, bits)).toBe(
            BigInt.asUintN(bits, (both << by) >> BigInt(bits)),
          )
          expect(callWith(shifts, 'fshr', args, bits)).toBe(BigInt.asUintN(bits, both >> by))
        }
      }
    }
  })

  it.each([16, 32, 64, 128])('of i%i swap bytes', (bits) => {
    const type = `i${bits}`
    const swaps = program([
      `define ${type} @swap(${type} %0) {\n  %2 = call ${type} @llvm.bswap.${type}(${type} %0)\n  ret ${type} %2\n}`,
    ])
    for (const value of edges(bits)) {
      const bytes =
        value
          .toString(16)
          .padStart(bits / 4, '0')
          .match(/../g) ?? []
      expect(callWith(swaps, 'swap', [[value, bits]], bits)).toBe(BigInt(`0x${bytes.toReversed().join('')}`))
    }
  })

  it('that are unknown stop the program when they are reached', () => {
    const unknown = program([
      'define i32 @f(i32 %0) {\n  %2 = call i32 @llvm.bitreverse.i32(i32 %0)\n  ret i32 %2\n}',
    ])
    expect(() => callWith(unknown, 'f', [[1n, 32]], 32)).toThrow(/untranslated/)
    expect(unknown.image.untranslated).toEqual([
      { function: 'f', file: 'a.ll', line: 0, reason: 'intrinsic llvm.bitreverse.i32' },
    ])
  })
})
