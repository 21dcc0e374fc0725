// SPDX-License-Identifier: GPL-2.0-only
import { dataBase } from '@pfo-workbench/object'
import { describe, expect, it } from 'vitest'
import { addressOf, build, start, type Program } from './support/run.ts'
import { callWith, edges } from './support/words.ts'

const little = 'target datalayout = "e-m:e-i64:64-n32:64"\n'
const big = 'target datalayout = "E-m:e-i64:64-n32:64"\n'
const widths = [1, 8, 16, 24, 32, 40, 48, 56, 64, 65, 72, 128] as const

function program(text: string, hosts: Parameters<typeof start>[1] = {}, layout = little): Program {
  return start(
    build({ 'a.ll': layout + text }, { hosts: new Map(Object.keys(hosts).map((name) => [name, {}])) }),
    hosts,
  )
}

describe.each([
  ['little', little],
  ['big', big],
])('%s-endian memory', (order, layout) => {
  const text = widths
    .map(
      (bits) => `@x${bits} = global i${bits} 0, align 16
@y${bits} = global i${bits} ${bits === 1 ? 'true' : '-2'}, align 16
define void @set${bits}(i${bits} %0) {
  store i${bits} %0, ptr @x${bits}, align 1
  ret void
}
define i${bits} @get${bits}() {
  %1 = load i${bits}, ptr @x${bits}, align 1
  ret i${bits} %1
}
define i${bits} @initial${bits}() {
  %1 = load i${bits}, ptr @y${bits}, align 1
  ret i${bits} %1
}
define i${bits} @frame${bits}(i${bits} %0) {
  %2 = alloca { i8, i${bits} }, align 16
  %3 = getelementptr { i8, i${bits} }, ptr %2, i32 0, i32 1
  store i${bits} %0, ptr %3, align 1
  call void @llvm.va_end(ptr %2)
  %4 = load i${bits}, ptr %3, align 1
  ret i${bits} %4
}`,
    )
    .join('\n')
  const memory = program(text, {}, layout)

  it.each(widths)('stores i%i in the bytes that it needs, and no others', (bits) => {
    const at = addressOf(memory.image, `x${bits}`)
    const bytes = Math.ceil(bits / 8)
    for (const value of edges(bits)) {
      for (let i = -1; i <= bytes; i++) memory.memory.setUint8(at + i, 0xa5)
      memory.call(`set${bits}`, ...words(value, bits))
      const stored = Array.from({ length: bytes + 2 }, (_, i) => memory.memory.getUint8(at + i - 1))
      const wanted = Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
      if (order === 'big') wanted.reverse()
      expect(stored).toEqual([0xa5, ...wanted, 0xa5])
      expect(callWith(memory, `get${bits}`, [], bits)).toBe(value)
      expect(callWith(memory, `frame${bits}`, [[value, bits]], bits)).toBe(value)
    }
    expect(callWith(memory, `initial${bits}`, [], bits)).toBe(BigInt.asUintN(bits, bits === 1 ? 1n : -2n))
  })

  it('stores variadic arguments in slots of 8 bytes', () => {
    const variadic = program(
      `define i64 @sum(i32 %0, ...) {
  %2 = alloca ptr, align 8
  call void @llvm.va_start(ptr %2)
  %3 = load ptr, ptr %2, align 8
  %4 = load i64, ptr %3, align 8
  %5 = getelementptr i8, ptr %3, i64 8
  %6 = load i64, ptr %5, align 8
  %7 = getelementptr i8, ptr %3, i64 16
  %8 = load i128, ptr %7, align 16
  %9 = trunc i128 %8 to i64
  %10 = add i64 %4, %6
  %11 = add i64 %10, %9
  ret i64 %11
}
define i64 @f(i32 %0) {
  %2 = call i64 (i32, ...) @sum(i32 1, i32 signext %0, i8 zeroext 5, i128 100)
  ret i64 %2
}`,
      {},
      layout,
    )
    expect(callWith(variadic, 'f', [[0xfffffffen, 32]], 64)).toBe(103n)
  })
})

function words(value: bigint, bits: number): (bigint | number)[] {
  if (bits <= 32) return [Number(BigInt.asIntN(32, value))]
  return bits <= 64 ? [BigInt.asIntN(64, value)] : [BigInt.asIntN(64, value), BigInt.asIntN(64, value >> 64n)]
}

describe('addresses', () => {
  it('treat indices as signed, regardless of their width', () => {
    const { call } = program(`define ptr @narrow(ptr %0, i8 %1) {
  %3 = getelementptr { i32, i64 }, ptr %0, i8 %1, i32 1
  ret ptr %3
}
define ptr @word(ptr %0, i32 %1) {
  %3 = getelementptr [4 x i16], ptr %0, i64 0, i32 %1
  ret ptr %3
}
define ptr @back(ptr %0) {
  %2 = getelementptr i8, ptr %0, i64 -8
  ret ptr %2
}`)
    expect(call('narrow', 1000n, 0xff)).toBe(1000n - 16n + 8n)
    expect(call('word', 1000n, -3)).toBe(994n)
    expect(call('back', 1000n)).toBe(992n)
  })

  it('of symbols look like the kernel’s, and differences of symbols are numbers', () => {
    const found = program(`@a = global [16 x i8] zeroinitializer, align 16
@b = global ptr getelementptr (i8, ptr @a, i64 5)
@distance = global i64 sub (i64 ptrtoint (ptr getelementptr (i8, ptr @a, i64 12) to i64), i64 ptrtoint (ptr @a to i64))
@half = global i32 trunc (i64 sub (i64 ptrtoint (ptr @a to i64), i64 ptrtoint (ptr @half to i64)) to i32)
@pointer = global ptr @f
define ptr @f() {
  %1 = load ptr, ptr @b
  ret ptr %1
}
define i64 @g() {
  ret i64 sub (i64 ptrtoint (ptr @a to i64), i64 ptrtoint (ptr @half to i64))
}`)
    const a = addressOf(found.image, 'a')
    expect(BigInt.asUintN(64, found.call('f') as bigint)).toBe(dataBase + BigInt(a) + 5n)
    expect(found.memory.getBigUint64(addressOf(found.image, 'distance'), true)).toBe(12n)
    const half = addressOf(found.image, 'half')
    expect(found.memory.getInt32(half, true)).toBe(a - half)
    expect(found.call('g')).toBe(BigInt(a - half))
    const pointer = found.memory.getBigUint64(addressOf(found.image, 'pointer'), true)
    expect(found.callPointer(pointer)).toBe(found.call('f'))
  })

  it('of undefined weak symbols are NULL', () => {
    const { call } = program(`@data = extern_weak global i32
declare extern_weak void @code()
define i1 @has_data() {
  ret i1 icmp ne (ptr @data, ptr null)
}
define i1 @has_code() {
  %1 = icmp ne ptr @code, null
  ret i1 %1
}`)
    expect([call('has_data'), call('has_code')]).toEqual([0, 0])
  })
})

describe('structures', () => {
  it('are split and combined part by part', () => {
    const { call } = program(`define { i64, [2 x i32] } @swap({ i64, [2 x i32] } %0) {
  %2 = extractvalue { i64, [2 x i32] } %0, 1, 0
  %3 = extractvalue { i64, [2 x i32] } %0, 1
  %4 = extractvalue [2 x i32] %3, 1
  %5 = insertvalue { i64, [2 x i32] } %0, i32 %4, 1, 0
  %6 = insertvalue { i64, [2 x i32] } %5, i32 %2, 1, 1
  ret { i64, [2 x i32] } %6
}
define [2 x i32] @choose(i1 %0) {
  %2 = select i1 %0, [2 x i32] [i32 1, i32 2], [2 x i32] [i32 3, i32 4]
  ret [2 x i32] %2
}
define [2 x i64] @merge(i1 %0, [2 x i64] %1) {
  br i1 %0, label %a, label %b
a:
  br label %b
b:
  %x = phi [2 x i64] [ %1, %a ], [ [i64 8, i64 9], %2 ]
  ret [2 x i64] %x
}`)
    expect(call('swap', 7n, 1, 2)).toEqual([7n, 2, 1])
    expect(call('choose', 1)).toEqual([1, 2])
    expect(call('choose', 0)).toEqual([3, 4])
    expect(call('merge', 1, 5n, 6n)).toEqual([5n, 6n])
    expect(call('merge', 0, 5n, 6n)).toEqual([8n, 9n])
  })

  it('are copied when passed by value', () => {
    const { call } = program(`%s = type { i64, i64, i64 }
define void @change(ptr byval(%s) align 8 %0) {
  store i64 99, ptr %0
  ret void
}
define i64 @f() {
  %1 = alloca %s, align 8
  store i64 5, ptr %1
  call void @change(ptr byval(%s) align 8 %1)
  %2 = load i64, ptr %1
  ret i64 %2
}`)
    expect(call('f')).toBe(5n)
  })

  it('are loaded and stored field by field, without padding', () => {
    const found = program(`@from = global { i8, i32, i8 } { i8 1, i32 2, i8 3 }
@to = global [12 x i8] c"\\AA\\AA\\AA\\AA\\AA\\AA\\AA\\AA\\AA\\AA\\AA\\AA"
define void @copy() {
  %1 = load { i8, i32, i8 }, ptr @from
  store { i8, i32, i8 } %1, ptr @to
  ret void
}`)
    found.call('copy')
    const to = addressOf(found.image, 'to')
    const bytes = Array.from({ length: 12 }, (_, i) => found.memory.getUint8(to + i))
    expect(bytes).toEqual([1, 0xaa, 0xaa, 0xaa, 2, 0, 0, 0, 3, 0xaa, 0xaa, 0xaa])
  })
})

describe('control flow', () => {
  it('copies the values of all phi instructions at once', () => {
    const { call } = program(`define i64 @fibonacci(i32 %0) {
  br label %loop
loop:
  %a = phi i64 [ 0, %1 ], [ %b, %loop ]
  %b = phi i64 [ 1, %1 ], [ %sum, %loop ]
  %i = phi i32 [ 0, %1 ], [ %next, %loop ]
  %sum = add i64 %a, %b
  %next = add i32 %i, 1
  %done = icmp eq i32 %next, %0
  br i1 %done, label %out, label %loop
out:
  %r = shl i64 %a, 32
  %s = or i64 %r, %b
  ret i64 %s
}`)
    expect(call('fibonacci', 10)).toBe((34n << 32n) | 55n)
  })

  it('can enter a loop anywhere', () => {
    const { call } = program(`define i32 @f(i32 %0, i1 %1) {
  %v = alloca i32
  store i32 0, ptr %v
  br i1 %1, label %middle, label %top
top:
  %a = load i32, ptr %v
  %b = add i32 %a, 100
  store i32 %b, ptr %v
  br label %middle
middle:
  %c = load i32, ptr %v
  %d = add i32 %c, 1
  store i32 %d, ptr %v
  %e = icmp ult i32 %d, %0
  br i1 %e, label %top, label %out
out:
  ret i32 %d
}`)
    expect(call('f', 150, 0)).toBe(202)
    expect(call('f', 150, 1)).toBe(203)
    expect(call('f', 1, 1)).toBe(1)
  })

  it.each([
    ['dense', 'i32', ['0', '1', '2', '5'], [0, 1, 2, 3, 5, 6, -1]],
    ['sparse', 'i32', ['0', '1000', '-5', '70000'], [0, 1000, -5, 70000, 7, 1]],
    ['negative', 'i32', ['-2', '-1', '0', '1'], [-2, -1, 0, 1, 2, -3]],
    ['of bytes', 'i8', ['-2', '-1', '0', '1'], [254, 255, 0, 1, 2, 253]],
    ['of 64 bits', 'i64', ['0', '1', '2', '3'], [0n, 1n, 3n, 4n, 0x100000000n, 0x100000001n, -1n]],
    ['of 64 bits, far', 'i64', ['0', '4294967296', '-1', '9'], [0n, 0x100000000n, -1n, 9n, 1n]],
  ] as const)('switches on numbers that are %s', (_name, type, cases, values) => {
    const { call } = program(`define i32 @f(${type} %0) {
  switch ${type} %0, label %none [
${cases.map((value, i) => `    ${type} ${value}, label %c${i}`).join('\n')}
  ]
${cases.map((_, i) => `c${i}:\n  ret i32 ${i + 10}`).join('\n')}
none:
  ret i32 1
}`)
    const mask = type === 'i8' ? 255n : type === 'i32' ? 0xffffffffn : (1n << 64n) - 1n
    const normal = (value: bigint | number | string): bigint => BigInt(value) & mask
    for (const value of values) {
      const index = cases.findIndex((one) => normal(one) === normal(value))
      expect([value, call('f', value)]).toEqual([value, index < 0 ? 1 : index + 10])
    }
  })

  it('switches to blocks with phi instructions', () => {
    const { call } = program(`define i32 @f(i32 %0) {
  switch i32 %0, label %out [
    i32 0, label %out
    i32 1, label %out
    i32 2, label %other
    i32 3, label %other
  ]
other:
  %a = phi i32 [ 20, %1 ], [ 20, %1 ]
  br label %out
out:
  %b = phi i32 [ 5, %1 ], [ 5, %1 ], [ 5, %1 ], [ %a, %other ]
  ret i32 %b
}`)
    expect([0, 1, 2, 3, 4].map((value) => call('f', value))).toEqual([5, 5, 20, 20, 5])
  })

  it('branches to label addresses', () => {
    const { call } =
      program(`@places = internal constant [2 x ptr] [ptr blockaddress(@f, %one), ptr blockaddress(@f, %two)]
define i32 @f(i64 %0) {
  %2 = getelementptr [2 x ptr], ptr @places, i64 0, i64 %0
  %3 = load ptr, ptr %2
  br label %jump
one:
  ret i32 10
two:
  ret i32 20
jump:
  indirectbr ptr %3, [label %one, label %two]
}`)
    expect([call('f', 0n), call('f', 1n)]).toEqual([10, 20])
  })

  it('left over from a label’s address is never reached', () => {
    const { call } = program(`define i64 @f() {
  br label %2
1:
  indirectbr ptr poison, [label %2]
2:
  ret i64 ptrtoint (ptr blockaddress(@f, %2) to i64)
}`)
    expect(call('f')).not.toBe(0n)
  })

  it('of a huge function is not translated', () => {
    const blocks = Array.from({ length: 20_001 }, (_, i) => `b${i}:\n  br label %b${i + 1}`)
    const found = program(`define void @f() {\n  br label %b0\n${blocks.join('\n')}\nb20001:\n  ret void\n}`)
    expect(() => found.call('f')).toThrow(/untranslated/)
    expect(found.image.untranslated).toMatchObject([{ function: 'f', reason: '20003 basic blocks' }])
  })
})

describe('code that exceeds the limits of WebAssembly engines', () => {
  it('is not translated; the rest of the file is', () => {
    const values = Array.from(
      { length: 50_000 },
      (_, i) => `  %${i + 2} = add i32 %${i === 0 ? 0 : i + 1}, ${i}`,
    )
    const many = Array.from({ length: 1001 }, (_, i) => `i32 %${i}`).join(', ')
    const cases = Array.from(
      { length: 30_000 },
      (_, i) => `    i32 ${i}, label %${i % 2 === 0 ? 'even' : 'odd'}`,
    )
    const found = program(`define i32 @values(i32 %0) {
${values.join('\n')}
  ret i32 %50001
}
define i32 @arguments(${many}) {
  ret i32 0
}
define i32 @cases(i32 %0) {
  switch i32 %0, label %even [
${cases.join('\n')}
  ]
even:
  ret i32 2
odd:
  ret i32 1
}`)
    expect(() => found.call('values', 1)).toThrow(/untranslated/)
    expect([found.call('cases', 29_999), found.call('cases', 29_998), found.call('cases', -1)]).toEqual([
      1, 2, 2,
    ])
    expect(found.image.functions.map(({ name }) => name)).not.toContain('arguments')
  })
})

describe('calls', () => {
  it('truncate a host’s result to its type', () => {
    const { call } = program(
      'declare zeroext i8 @host()\ndefine i32 @f() {\n  %1 = call zeroext i8 @host()\n  %2 = zext i8 %1 to i32\n  ret i32 %2\n}',
      { host: () => -1 },
    )
    expect(call('f')).toBe(255)
  })

  it('with another signature than the definition pass the common arguments', () => {
    const image = build({
      'a.ll': `${little}declare i64 @g(i32)\ndefine i64 @f(i32 %0) {\n  %2 = call i64 @g(i32 %0)\n  ret i64 %2\n}`,
      'b.ll': `${little}define i32 @g(i64 %0, i64 %1) {\n  %3 = add i64 %0, %1\n  %4 = trunc i64 %3 to i32\n  ret i32 %4\n}`,
    })
    expect(start(image).call('f', -2)).toBe(0xfffffffen)
  })

  it('through pointers reach the function, or fail if there is none', () => {
    const found = program(`define i32 @through(ptr %0, i32 %1) {
  %3 = call i32 %0(i32 %1)
  ret i32 %3
}
define i32 @twice(i32 %0) {
  %2 = shl i32 %0, 1
  ret i32 %2
}`)
    const twice = found.image.symbols.find(({ name }) => name === 'twice')?.address ?? 0n
    expect(found.call('through', twice, 21)).toBe(42)
    for (const pointer of [0n, twice + 1n, twice + 0x1000000n, dataBase, -1n, twice - 16n * 1000n]) {
      expect(() => found.call('through', pointer, 1)).toThrow(/badCall/)
    }
  })
})

describe('atomic instructions', () => {
  it.each([
    ['add', 8, 250n, 10n, 4n],
    ['sub', 32, 1n, 2n, 0xffffffffn],
    ['and', 16, 0xff0fn, 0x0fffn, 0x0f0fn],
    ['nand', 8, 0xf0n, 0x3cn, 0xcfn],
    ['or', 64, 1n, 1n << 63n, (1n << 63n) | 1n],
    ['xor', 32, 5n, 1n, 4n],
    ['xchg', 64, 5n, 6n, 6n],
    ['max', 8, 0xffn, 1n, 1n],
    ['min', 8, 0xffn, 1n, 0xffn],
    ['umax', 32, 0xffffffffn, 1n, 0xffffffffn],
    ['umin', 32, 0xffffffffn, 1n, 1n],
  ] as const)('%s of i%i return the old value and store the new one', (name, bits, before, value, after) => {
    const type = `i${bits}`
    const found = program(`@x = global ${type} 0
define ${type} @f(${type} %0, ${type} %1) {
  store ${type} %0, ptr @x
  %3 = atomicrmw ${name} ptr @x, ${type} %1 seq_cst
  ret ${type} %3
}
define ${type} @get() {
  %1 = load atomic ${type}, ptr @x acquire, align 8
  ret ${type} %1
}`)
    expect(
      callWith(
        found,
        'f',
        [
          [before, bits],
          [value, bits],
        ],
        bits,
      ),
    ).toBe(before)
    expect(callWith(found, 'get', [], bits)).toBe(after)
  })

  it('exchange if the value is the expected one', () => {
    const { call } = program(`@x = global i32 5
define { i32, i1 } @f(i32 %0, i32 %1) {
  %3 = cmpxchg ptr @x, i32 %0, i32 %1 seq_cst seq_cst
  ret { i32, i1 } %3
}`)
    expect(call('f', 4, 9)).toEqual([5, 0])
    expect(call('f', 5, 9)).toEqual([5, 1])
    expect(call('f', 9, 1)).toEqual([9, 1])
  })
})

describe('undefined values', () => {
  it('are zero every time', () => {
    const { call } = program(`define i64 @f() {
  %1 = freeze i64 undef
  %2 = freeze i32 poison
  %3 = zext i32 %2 to i64
  %4 = add i64 %1, %3
  %5 = alloca i64
  %6 = load i64, ptr %5
  %7 = add i64 %4, %6
  ret i64 %7
}`)
    expect([call('f'), call('f')]).toEqual([0n, 0n])
  })
})
