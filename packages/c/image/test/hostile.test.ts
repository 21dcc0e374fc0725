// SPDX-License-Identifier: GPL-2.0-only
// Hostile code from a patch: it is translated, or the image lists the functions that are not, with the reasons.
import { describe, expect, it } from 'vitest'
import { LinkError } from '../src/index.ts'
import { build, start, Stopped, type Program } from './support/run.ts'

const little = 'target datalayout = "e-m:e-i64:64-n32:64"\n'
const fine = 'define i32 @fine(i32 %0) {\n  ret i32 %0\n}\n'

function program(text: string, roots?: readonly string[]): Program {
  return start(build({ 'a.c': little + text + fine }, roots === undefined ? {} : { roots }))
}

/** Reason why a call was ended. */
function endOf(one: Program, name: string, ...values: bigint[]): string {
  try {
    one.call(name, ...values)
    return 'it came back'
  } catch (fault) {
    if (fault instanceof Stopped) return fault.kind
    throw fault
  }
}

const reasons = ({ image }: Program): readonly (readonly [string, string])[] =>
  image.untranslated.map(({ function: name, reason }) => [name, reason])

describe('a function of hostile C', () => {
  it('with very many blocks is not translated, and all other functions are', () => {
    const count = 60_000
    const blocks = Array.from(
      { length: count },
      (_, at) => `b${String(at)}:\n  br label %b${String((at * 7 + 1) % count)}\n`,
    )
    const one = program(`define void @huge() {\n  br label %b0\n${blocks.join('')}}\n`)
    expect(reasons(one)).toEqual([['huge', expect.stringContaining('block') as string]])
    expect(endOf(one, 'huge')).toBe('untranslated')
    expect(one.call('fine', 7)).toBe(7)
  })

  it('with a frame of a gigabyte overflows the stack, and writes nothing', () => {
    const one = program(`define void @wide() {
  %1 = alloca [1073741824 x i8], align 1
  store volatile i8 7, ptr %1, align 1
  ret void
}
`)
    expect(['stackOverflow', 'untranslated']).toContain(endOf(one, 'wide'))
    expect(one.call('fine', 7)).toBe(7)
  })

  it('with a frame of a size that is only known when it runs does not leave the stack', () => {
    const one = program(`define void @dynamic(i64 %0) {
  %2 = alloca i8, i64 %0, align 1
  store volatile i8 7, ptr %2, align 1
  ret void
}
`)
    expect(['stackOverflow', 'untranslated', 'badAccess']).toContain(endOf(one, 'dynamic', 10n ** 12n))
  })

  it('that calls itself without end overflows the stack', () => {
    const one = program(`define i32 @deep(i32 %0) {
  %2 = alloca [512 x i8], align 1
  store volatile i8 7, ptr %2, align 1
  %3 = call i32 @deep(i32 %0)
  %4 = add i32 %3, 1
  ret i32 %4
}
`)
    expect(endOf(one, 'deep')).toBe('stackOverflow')
  })

  it.each([
    ['of another machine', 'syscall'],
    ['that is data', '.byte 0x60,0,0,0'],
    ['that includes a file', '.incbin \\22/etc/passwd\\22'],
    ['that jumps out of its text', 'b 0xdeadbeef'],
    ['of the hypervisor', 'sc 1'],
    ['that changes the machine state', 'mtmsr 3'],
    ['with very many lines', 'nop\\0A'.repeat(5_000) + 'unheard_of 1'],
  ])('with assembler %s is not translated, and all other functions are', (_what, text) => {
    const one = program(`define void @odd() {
  call void asm sideeffect "${text}", "~{memory}"()
  ret void
}
`)
    expect(reasons(one).map(([name]) => name)).toEqual(['odd'])
    expect(endOf(one, 'odd')).toBe('untranslated')
    expect(one.call('fine', 7)).toBe(7)
  })

  it.each([
    'functions',
    'memory',
    'sp',
    'siteTop',
    'r13',
    'host',
    'env',
    'constructor',
    '__proto__',
    'toString',
  ])('may have a name that the engine uses itself: %s', (name) => {
    const text = `define i32 @"${name}"(i32 %0) {
  %2 = add i32 %0, 1
  ret i32 %2
}
define i32 @through(i32 %0) {
  %2 = call i32 @"${name}"(i32 %0)
  ret i32 %2
}
`
    const one = program(text, ['through'])
    expect(one.call('through', 1)).toBe(2)
  })

  it('cannot replace the functions that check accesses', () => {
    const one = program(`define void @read4(i64 %0) {
  ret void
}
define void @badAccess(i64 %0, i32 %1, i32 %2) {
  ret void
}
define i32 @touch(ptr %0) {
  %2 = load i32, ptr %0, align 4
  ret i32 %2
}
`)
    expect(endOf(one, 'touch', 0n)).toBe('badAccess')
  })

  it('may have any name; the image has it unchanged', () => {
    const name = '\\1B[31mred\\0A../../x'
    const one = program(`define i32 @"${name}"(i32 %0) {\n  ret i32 %0\n}\n`)
    expect(one.image.functions.map((each) => each.name)).toContain('\u001b[31mred\n../../x')
  })
})

it('two definitions of one name in two files are a link error; neither hides the other', () => {
  const text = little + fine
  expect(() => build({ 'a.c': text, 'b.c': text })).toThrow(
    new LinkError('fine is defined in a.c, and again in b.c'),
  )
})
