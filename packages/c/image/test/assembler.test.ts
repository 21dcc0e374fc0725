// SPDX-License-Identifier: GPL-2.0-only
import { dataBase } from '@pfo-workbench/object'
import { describe, expect, it } from 'vitest'
import { addressOf, build, start, type Program } from './support/run.ts'
import { edges } from './support/words.ts'

const layout = 'target datalayout = "e-m:e-i64:64-n32:64"\n'

/** Escapes assembler for a string in LLVM IR. */
function quoted(text: string): string {
  return text
    .replaceAll('\\', '\\5C')
    .replaceAll('"', '\\22')
    .replaceAll('\n', '\\0A')
    .replaceAll('\t', '\\09')
}

function program(text: string): Program {
  return start(build({ 'a.ll': layout + text }))
}

/** A function of two arguments, `$1` and `$2`, that returns `$0`. */
function twoRegisters(text: string): (a: bigint, b: bigint) => bigint {
  const found = program(`define i64 @f(i64 %0, i64 %1) {
  %3 = call i64 asm sideeffect "${quoted(text)}", "=&r,r,r,~{cc},~{xer}"(i64 %0, i64 %1)
  ret i64 %3
}`)
  expect(found.image.untranslated).toEqual([])
  return (a, b) => BigInt.asUintN(64, found.call('f', BigInt.asIntN(64, a), BigInt.asIntN(64, b)) as bigint)
}

const low = (value: bigint): bigint => BigInt.asUintN(32, value)
const bytes = (value: bigint): readonly bigint[] =>
  Array.from({ length: 8 }, (_, i) => (value >> BigInt(8 * i)) & 255n)
const bits = (value: bigint, width: number): string =>
  BigInt.asUintN(width, value).toString(2).padStart(width, '0')

describe('an instruction', () => {
  it.each<[text: string, meaning: (a: bigint, b: bigint) => bigint]>([
    ['add $0,$1,$2', (a, b) => a + b],
    ['addc $0,$1,$2', (a, b) => a + b],
    ['add${2:I}c $0,$1,$2', (a, b) => a + b],
    ['sub $0,$1,$2', (a, b) => a - b],
    ['sub${2:I}c $0, $1, $2', (a, b) => a - b],
    ['subf $0,$1,$2', (a, b) => b - a],
    ['subfc $0,$1,$2', (a, b) => b - a],
    ['mulld $0,$1,$2', (a, b) => a * b],
    ['and $0,$1,$2', (a, b) => a & b],
    ['or${2:I} $0,$1,$2', (a, b) => a | b],
    ['xor $0,$1,$2', (a, b) => a ^ b],
    ['andc $0,$1,$2', (a, b) => a & ~b],
    ['neg $0,$1', (a) => -a],
    ['not $0,$1', (a) => ~a],
    ['mr $0,$2', (_, b) => b],
    ['addi $0,$1,-5', (a) => a - 5n],
    ['addi $0,0,7', () => 7n],
    ['addic $0,$1,-1', (a) => a - 1n],
    ['subi $0,$1,3', (a) => a - 3n],
    ['ori $0,$1,0xf0', (a) => a | 0xf0n],
    ['xori $0,$1,1', (a) => a ^ 1n],
    ['andi. $0,$1,255', (a) => a & 255n],
    ['li $0,-3', () => -3n],
    ['cntlzd $0,$1', (a) => BigInt(bits(a, 64).indexOf('1') < 0 ? 64 : bits(a, 64).indexOf('1'))],
    ['cntlzw $0,$1', (a) => BigInt(bits(a, 32).indexOf('1') < 0 ? 32 : bits(a, 32).indexOf('1'))],
    ['cnttzd $0,$1', (a) => BigInt(a === 0n ? 64 : 63 - bits(a, 64).lastIndexOf('1'))],
    ['cnttzw $0,$1', (a) => BigInt(low(a) === 0n ? 32 : 31 - bits(a, 32).lastIndexOf('1'))],
    ['popcntd $0,$1', (a) => BigInt(bits(a, 64).replaceAll('0', '').length)],
    ['extsb $0,$1', (a) => BigInt.asIntN(8, a)],
    ['extsh $0,$1', (a) => BigInt.asIntN(16, a)],
    ['extsw $0,$1', (a) => BigInt.asIntN(32, a)],
    ['sld $0,$1,$2', (a, b) => ((b & 127n) > 63n ? 0n : a << (b & 127n))],
    ['srd $0,$1,$2', (a, b) => ((b & 127n) > 63n ? 0n : a >> (b & 127n))],
    ['sldi $0,$1,3', (a) => a << 3n],
    ['srdi $0,$1,60', (a) => a >> 60n],
    ['clrrdi $0,$1,14', (a) => (a >> 14n) << 14n],
    ['clrldi $0,$1,48', (a) => a & 0xffffn],
    ['clrlsldi $0,$1,61,3', (a) => (a & 7n) << 3n],
    [
      'cmpb $0,$1,$2',
      (a, b) =>
        bytes(a).reduce((all, byte, i) => all | (byte === bytes(b)[i] ? 255n << BigInt(8 * i) : 0n), 0n),
    ],
  ])('%s', (text, meaning) => {
    const run = twoRegisters(text)
    for (const a of edges(64)) {
      for (const b of [...edges(64), a, 31n, 32n, 63n, 64n, 65n, 127n, 128n, a ^ 0xff00n]) {
        expect([a, b, run(a, BigInt.asUintN(64, b))]).toEqual([
          a,
          b,
          BigInt.asUintN(64, meaning(a, BigInt.asUintN(64, b))),
        ])
      }
    }
  })

  it.each<[text: string, holds: (a: bigint, b: bigint) => boolean]>([
    ['cmpd $1,$2\nbeq 1f', (a, b) => a === b],
    ['cmpd 0,$1,$2\nbne- 1f', (a, b) => a !== b],
    ['cmpd $1,$2\nblt+ 1f', (a, b) => BigInt.asIntN(64, a) < BigInt.asIntN(64, b)],
    ['cmpd cr0,$1,$2\nbgt 1f', (a, b) => BigInt.asIntN(64, a) > BigInt.asIntN(64, b)],
    ['cmpld $1,$2\nble 1f', (a, b) => a <= b],
    ['cmpld 7,$1,$2\nbge cr7,1f', (a, b) => a >= b],
    ['cmpw $1,$2\nblt 1f', (a, b) => BigInt.asIntN(32, a) < BigInt.asIntN(32, b)],
    ['cmpw 0,$1,$2\nbeq 1f', (a, b) => low(a) === low(b)],
    ['cmplw $1,$2\nbgt 1f', (a, b) => low(a) > low(b)],
    ['cmpwi $1,0\nblt 1f', (a) => BigInt.asIntN(32, a) < 0n],
    ['cmpdi $1,-1\nbeq 1f', (a) => BigInt.asIntN(64, a) === -1n],
    ['cmplwi $1,3\nble 1f', (a) => low(a) <= 3n],
    ['cmpldi $1,3\nbgt 1f', (a) => a > 3n],
    ['add. $0,$1,$2\nblt 1f', (a, b) => BigInt.asIntN(64, a + b) < 0n],
    ['and. $0,$1,$2\nbeq 1f', (a, b) => (a & b) === 0n],
    ['addic. $0,$1,-1\nbgt 1f', (a) => BigInt.asIntN(64, a - 1n) > 0n],
  ])('%s branches on its condition', (text, holds) => {
    const run = twoRegisters(`${text}\nli $0,0\nb 2f\n1: li $0,1\n2:`)
    for (const a of edges(64)) {
      for (const b of [...edges(64), a]) expect([a, b, run(a, b)]).toEqual([a, b, holds(a, b) ? 1n : 0n])
    }
  })

  it('runs as often as its loop requires', () => {
    const run = twoRegisters('li $0,0\n1: add $0,$0,$1\naddic. $1,$1,-1\nbne 1b')
    expect(run(100n, 0n)).toBe(5050n)
  })

  it.each([
    'sync',
    'lwsync',
    'isync',
    'eieio',
    'nop',
    'or 1,1,1 # low priority',
    'ori 0,0,0',
    'dcbt 0,$1',
    '',
  ])('"%s" changes nothing', (text) => expect(twoRegisters(`mr $0,$1\n${text}`)(5n, 6n)).toBe(5n))

  it('accesses special registers of the machine', () => {
    const image = build({
      'a.ll': `${layout}define i64 @f(i64 %0) {
  call void asm sideeffect "mtspr 0x11C,$0", "r"(i64 %0)
  %2 = call i64 asm sideeffect "mfspr $0,$1", "=r,i"(i32 308)
  %3 = call i64 asm sideeffect "mfmsr $0", "=r"()
  %4 = call i64 asm sideeffect "mftb $0", "=r"()
  %5 = add i64 %2, %3
  %6 = add i64 %5, %4
  ret i64 %6
}`,
    })
    const written: unknown[] = []
    const { call } = start(
      image,
      {},
      {
        readRegister: (number) => BigInt(number),
        writeRegister: (...values) => void written.push(values),
      },
    )
    expect(call('f', 5n)).toBe(308n + 65536n + 268n)
    expect(written).toEqual([[0x11c, 5n]])
  })

  it.each([
    ['frobnicate $0,$1', 'assembler "frobnicate $0,$1"'],
    ['.long 0x7c0000a8', 'assembler ".long 0x7c0000a8"'],
    ['.long 0x12345678 | ((($0) & 0x1f) << 21)', 'assembler ".long 0x12345678 | ((($0) & 0x1f) << 21)"'],
    ['.quad 5', 'assembler ".quad 5"'],
    ['mr $0,5', 'assembler register 5'],
    ['add $0,$1,r9', 'assembler register r9'],
    ['b 9f', 'assembler "b 9f"'],
    ['twi 4,0,0', 'an unusual trap'],
  ])('%s is unknown and stops the program when it is reached', (text, reason) => {
    const found = program(`define i64 @f(i64 %0, i1 %1) {
  br i1 %1, label %odd, label %plain
odd:
  %3 = call i64 asm sideeffect "${quoted(text)}", "=r,r"(i64 %0)
  ret i64 %3
plain:
  ret i64 7
}`)
    expect(found.image.untranslated.map((one) => one.reason)).toEqual([reason])
    expect(found.call('f', 1n, 0)).toBe(7n)
    expect(() => found.call('f', 1n, 1)).toThrow(/untranslated/)
  })
})

describe('memory', () => {
  const found = program(`@word = global i64 0, align 16
define i32 @add(ptr %0, i32 %1) {
  %3 = call i32 asm sideeffect "${quoted('1:\tlwarx $0,0,$3 # add\n\tadd $0,$2,$0\n\tstwcx. $0,0,$3\n\tbne- 1b')}", "=&r,=*m,r,r,*m,~{cc},~{memory}"(ptr elementtype(i32) %0, i32 %1, ptr %0, ptr elementtype(i32) %0)
  ret i32 %3
}
define i64 @set_bit(ptr %0, i64 %1) {
  %3 = call i64 asm sideeffect "${quoted('1:.long 0x7c0000a8 $| ((($0) & 0x1f) << 21) $| (((0) & 0x1f) << 16) $| ((($2) & 0x1f) << 11) $| (((0) & 0x1) << 0)\nor $1,$0,$1\nstdcx. $1,0,$2\nbne- 1b')}", "=&r,r,r,~{cc}"(i64 %1, ptr %0)
  ret i64 %3
}
define i32 @exchange_if(ptr %0, i64 %1, i64 %2) {
  %4 = call i32 asm sideeffect "${quoted('1: lwarx $0,0,$2\ncmpw 0,$0,$3\nbne- 2f\nstwcx. $4,0,$2\nbne- 1b\n2:')}", "=&r,=*m,r,r,r,*m,~{cc}"(ptr elementtype(i32) %0, ptr %0, i64 %1, i64 %2, ptr elementtype(i32) %0)
  ret i32 %4
}
define i32 @plain(ptr %0) {
  call void asm sideeffect "stw\${0:U}\${0:X} $1,$0", "=*m<>,r"(ptr elementtype(i32) %0, i32 -2)
  %2 = call i32 asm sideeffect "lwz\${1:U}\${1:X} $0,$1", "=r,*m<>"(ptr elementtype(i32) %0)
  ret i32 %2
}
define i64 @small(i64 %0) {
  call void asm sideeffect "stb $0,$1(13)\\0Asth $0,16($2)\\0Alhz $0,16($2)", "r,i,b"(i64 %0, i64 3, i64 %0)
  ret i64 0
}
define i8 @own(i8 %0) {
  call void asm sideeffect "stb $0,$1(13)", "r,i"(i8 %0, i64 3)
  %2 = call i64 asm sideeffect "lbz $0,$1(13)", "=r,i"(i64 3)
  %3 = trunc i64 %2 to i8
  ret i8 %3
}`)
  const word = addressOf(found.image, 'word')
  const pointer = BigInt.asIntN(64, dataBase + BigInt(word))

  it('is accessed by load-reserve and store-conditional instructions', () => {
    found.memory.setBigUint64(word, 0xaaaaaaaa00000005n, true)
    expect(found.call('add', pointer, -7)).toBe(-2)
    expect(found.memory.getBigUint64(word, true)).toBe(0xaaaaaaaafffffffen)
  })

  it('is accessed by an instruction that is encoded as a number', () => {
    found.memory.setBigUint64(word, 5n, true)
    expect(found.call('set_bit', pointer, 1n << 40n)).toBe(5n)
    expect(found.memory.getBigUint64(word, true)).toBe((1n << 40n) | 5n)
  })

  it('is not changed if a comparison fails', () => {
    found.memory.setBigUint64(word, 0x100000005n, true)
    expect(found.call('exchange_if', pointer, 6n, 9n)).toBe(5)
    expect(found.memory.getBigUint64(word, true)).toBe(0x100000005n)
    expect(found.call('exchange_if', pointer, 0x700000005n, 9n)).toBe(5)
    expect(found.memory.getBigUint64(word, true)).toBe(0x100000009n)
  })

  it('can be a memory operand', () => {
    expect(found.call('plain', pointer)).toBe(-2)
  })

  it('can be at an offset from the paca', () => {
    found.setRegister13(pointer)
    expect(found.call('own', 200)).toBe(200)
    expect(found.memory.getUint8(word + 3)).toBe(200)
  })

  it('is checked', () => {
    expect(() => found.call('add', 0n, 1)).toThrow('badAccess 0 4 0')
    expect(() => found.call('plain', 8n)).toThrow('badAccess 8 4 1')
  })
})

describe('a fault with an exception table entry', () => {
  it('continues at the fixup; existing memory is read regardless of the shadow', () => {
    const text = [
      '1: lbz $1,0($2)',
      '2:',
      '.section .fixup,"ax"',
      '3: li $0,$3',
      'li $1,0',
      'b 2b',
      '.previous',
      '.section __ex_table,"a"; .balign 4; .long (1b) - . ; .long (3b) - . ; .previous ',
    ].join('\n')
    const found = program(`@byte = global [3 x i8] c"\\07\\08\\09"
define { i32, i64 } @get(ptr %0) {
  %2 = call { i32, i64 } asm sideeffect "${quoted(text)}", "=r,=r,b,i,0"(ptr %0, i32 -14, i32 0)
  ret { i32, i64 } %2
}`)
    const byte = dataBase + BigInt(addressOf(found.image, 'byte'))
    expect(found.call('get', BigInt.asIntN(64, byte))).toEqual([0, 7n])
    expect(found.call('get', BigInt.asIntN(64, byte + 4n))).toEqual([0, 0n])
    expect(found.call('get', 16n)).toEqual([-14, 0n])
  })
})

describe('traps', () => {
  const table = (file: string, operands: string): string =>
    `.section __bug_table,"aw"\n2:\t${file}\n\t.short ${operands}\n.org 2b+$3\n.previous\n`

  it.each([
    ['as distances', '.4byte 1b - .\n\t.4byte $0 - .'],
    ['as addresses', '.8byte 1b, $0'],
  ])('with the file %s report file, line and flags', (_name, file) => {
    const found = program(`@file = private constant [4 x i8] c"a.c\\00"
define i32 @f(i64 %0) {
  call void asm sideeffect "${quoted(`1: tdnei $4,0\n${table(file, '$1, $2')}`)}", "i,i,i,i,r"(ptr @file, i32 77, i32 2305, i64 16, i64 %0)
  ret i32 5
}
define i32 @g() {
  call void asm sideeffect "${quoted(`1: twi 31,0,0\n${table(file, '$1, $2')}`)}", "i,i,i,i"(ptr @file, i32 78, i32 0, i64 16)
  ret i32 6
}`)
    expect(found.call('f', 0n)).toBe(5)
    expect(found.told).toEqual([])
    expect(found.call('f', 1n)).toBe(5)
    expect(found.call('g')).toBe(6)
    const name = BigInt.asIntN(64, dataBase + BigInt(addressOf(found.image, 'file')))
    expect(found.told.map(({ values }) => values)).toEqual([
      [name, 77, 2305],
      [name, 78, 0],
    ])
  })

  it('without file and line report flags', () => {
    const text =
      '1: twi 31,0,0\n.section __bug_table,"aw"\n2: .4byte 1b - .\n.short $0\n.org 2b+$1\n.previous'
    const found = program(`define void @f() {
  call void asm sideeffect "${quoted(text)}", "i,i"(i32 2305, i64 8)
  ret void
}`)
    found.call('f')
    expect(found.told).toEqual([{ name: 'warn', values: [0n, 0, 2305] }])
  })

  it('with asm goto continue at the label', () => {
    const text = `1:\ttwi 31, 0, 0\n.section __ex_table,"a"; .balign 4; .long (1b) - . ; .long (\${4:l}) - . ; .previous ${table('.4byte 1b - .\n\t.4byte $0 - .', '$1, $2')}`
    const condition = text.replace('twi 31, 0, 0', 'tdnei $4, 0').replace('${4:l}', '${5:l}')
    const found = program(`@file = private constant [4 x i8] c"a.c\\00"
define i32 @always() {
  callbr void asm sideeffect "${quoted(text)}", "i,i,i,i,!i"(ptr @file, i32 5, i32 2305, i64 16)
          to label %next [label %warned]
next:
  ret i32 1
warned:
  ret i32 2
}
define i32 @if(i64 %0) {
  callbr void asm sideeffect "${quoted(condition)}", "i,i,i,i,r,!i"(ptr @file, i32 6, i32 2305, i64 16, i64 %0)
          to label %next [label %warned]
next:
  %v = phi i32 [ 1, %1 ]
  ret i32 %v
warned:
  %w = phi i32 [ 2, %1 ]
  ret i32 %w
}`)
    expect(found.call('always')).toBe(2)
    expect([found.call('if', 0n), found.call('if', 9n)]).toEqual([1, 2])
    expect(found.told.map(({ values }) => values[1])).toEqual([5, 6])
  })

  it('without a bug table entry stop the program', () => {
    const found = program('define void @f() {\n  call void asm sideeffect "trap", ""()\n  ret void\n}')
    expect(() => found.call('f')).toThrow('trap')
  })
})

describe('asm goto', () => {
  it('branches to its labels', () => {
    const found = program(`define i32 @f(i64 %0) {
  callbr void asm sideeffect "${quoted('cmpdi $0,1\nbeq ${1:l}\ncmpdi $0,2\nbeq ${2:l}')}", "r,!i,!i,~{cc}"(i64 %0)
          to label %next [label %one, label %two]
next:
  ret i32 0
one:
  ret i32 1
two:
  ret i32 2
}`)
    expect([0n, 1n, 2n, 3n].map((value) => found.call('f', value))).toEqual([0, 1, 2, 0])
  })

  it.each([
    ['newer', '1: nop\n.pushsection __jump_table,"aw"\n.long 1b - ., ${1:l} - .\n.8byte $0 - .\n.popsection'],
    [
      'older',
      '1:\nnop # arch_static_branch\n.pushsection __jump_table,"aw"\n.8byte 1b, ${1:l}, $0\n.popsection',
    ],
  ])('with a %s jump label reads the key', (_name, text) => {
    const found = program(`@key = global i64 0, align 8
define i32 @plain() {
  callbr void asm sideeffect "${quoted(text)}", "i,!i"(ptr @key)
          to label %no [label %yes]
no:
  ret i32 0
yes:
  ret i32 1
}
define i32 @reversed() {
  callbr void asm sideeffect "${quoted(text)}", "i,!i"(ptr getelementptr (i8, ptr @key, i64 1))
          to label %no [label %yes]
no:
  ret i32 0
yes:
  ret i32 1
}`)
    const key = addressOf(found.image, 'key')
    expect([found.call('plain'), found.call('reversed')]).toEqual([0, 1])
    found.memory.setInt32(key, 1, true)
    expect([found.call('plain'), found.call('reversed')]).toEqual([1, 0])
  })
})

describe('empty assembler', () => {
  it('passes a tied operand through, and orders memory', () => {
    const found = program(`define i64 @f(i64 %0) {
  call void asm sideeffect "", "~{memory}"()
  %2 = call i64 asm "", "=r,0"(i64 %0)
  ret i64 %2
}`)
    expect(found.call('f', 42n)).toBe(42n)
  })
})

describe('the stack register', () => {
  it('is the stack pointer as C sees it', () => {
    const found = program(`define i64 @f() {
  %1 = alloca i64
  call void asm sideeffect "stdx %r1, 0, $1 ;", "=*m,b"(ptr elementtype(i64) %1, ptr %1)
  %2 = load i64, ptr %1
  %3 = call i64 @llvm.read_register.i64(metadata !0)
  %4 = sub i64 %2, %3
  ret i64 %4
}
!0 = !{!"r1"}`)
    expect(found.call('f')).toBe(0n)
  })
})
