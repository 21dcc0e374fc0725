// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { irOf, judge } from './support.ts'

const head = `target datalayout = "e-m:e-i64:64-n32:64"
declare ptr @of_find_node_by_path(ptr)
declare void @of_node_put(ptr)
declare i32 @ask()
!2 = !DIFile(filename: "hostile.c", directory: ".")
!3 = distinct !DISubprogram(name: "hostile", file: !2, line: 1)
`

const take = '  %np = call ptr @of_find_node_by_path(ptr null)\n'

function of(body: string): ReturnType<typeof judge> {
  return judge('hostile.c', `${head}define i32 @hostile(i32 %a, ptr %p) !dbg !3 {\n${take}${body}\n}\n`)
}

describe('hostile code', () => {
  it('an endless loop ends by a budget', () => {
    expect(of('  br label %again\nagain:\n  br label %again').functions).toMatchObject([{ name: 'hostile' }])
  })

  it('a loop over an unknown value ends at the loop bound', () => {
    const verdict = of(
      '  br label %again\nagain:\n  %r = call i32 @ask()\n  %c = icmp eq i32 %r, 0\n  br i1 %c, label %again, label %out\nout:\n  ret i32 0',
    )
    expect(verdict.findings.map(({ rule }) => rule)).toEqual(['leak'])
  })

  it('recursion is cut off like a loop', () => {
    const verdict = of('  %r = call i32 @hostile(i32 %a, ptr %np)\n  ret i32 %r')
    expect(verdict.functions).toMatchObject([{ approximate: false }])
  })

  it('a chain of ten thousand calls is cut off', () => {
    const chain = Array.from(
      { length: 10_000 },
      (_, i) =>
        `define i32 @f${i}(ptr %p) {\n  call void @of_node_put(ptr null)\n  %r = call i32 @f${i + 1}(ptr %p)\n  ret i32 %r\n}\n`,
    ).join('')
    const ir = `${head}${chain}declare i32 @f10000(ptr)\ndefine i32 @hostile() !dbg !3 {\n${take}  %r = call i32 @f0(ptr %np)\n  ret i32 %r\n}\n`
    expect(judge('hostile.c', ir).functions).toMatchObject([{ name: 'hostile', approximate: true }])
  })

  it('two hundred thousand blocks end by a budget', () => {
    const blocks = Array.from(
      { length: 200_000 },
      (_, i) => `b${i}:\n  %r${i} = call i32 @ask()\n  br label %b${i + 1}`,
    ).join('\n')
    const verdict = of(`  br label %b0\n${blocks}\nb200000:\n  ret i32 0`)
    expect(verdict.functions).toMatchObject([{ name: 'hostile', complete: false }])
  })

  it('a switch of ten thousand cases ends by a budget', () => {
    const cases = Array.from({ length: 10_000 }, (_, i) => `    i32 ${i}, label %c${i % 100}`).join('\n')
    const blocks = Array.from({ length: 100 }, (_, i) => `c${i}:\n  ret i32 ${i}`).join('\n')
    const verdict = of(`  switch i32 %a, label %out [\n${cases}\n  ]\n${blocks}\nout:\n  ret i32 0`)
    expect(verdict.findings.map(({ rule }) => rule)).toEqual(['leak'])
  })

  it('an expression that doubles in each iteration does not fill the memory', () => {
    const lines = Array.from({ length: 2000 }, (_, i) => `  %x${i + 1} = mul i32 %x${i}, %x${i}`).join('\n')
    const verdict = of(
      `  %x0 = add i32 %a, 1\n${lines}\n  %c = icmp eq i32 %x2000, 7\n  br i1 %c, label %t, label %e\nt:\n  ret i32 1\ne:\n  ret i32 0`,
    )
    expect(verdict.findings.map(({ rule }) => rule)).toEqual(['leak'])
  })

  it('nested arrays do not fill the memory', () => {
    const type = '[64 x [64 x [64 x [64 x i8]]]]'
    const verdict = of(`  %v = load ${type}, ptr %p\n  store ${type} %v, ptr %p\n  ret i32 0`)
    expect(verdict.findings.map(({ rule }) => rule)).toEqual(['leak'])
  })

  it('unsupported code is approximate, not an error', () => {
    const verdict = of('  %v = frobnicate i32 %a, 3\n  ret i32 0')
    expect(verdict.functions).toMatchObject([{ name: 'hostile', approximate: true }])
  })

  it('truncated IR is read up to the truncation', () => {
    const ir = irOf('leak.c')
    fc.assert(
      fc.property(fc.nat({ max: ir.length }), (length) => {
        expect(judge('leak.c', ir.slice(0, length)).functions).toBeDefined()
      }),
      { numRuns: 30 },
    )
  })

  it('exchanged, duplicated or lost lines do not stop the checker', () => {
    const lines = irOf('put.c').split('\n').slice(0, 400)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 399 }), fc.nat({ max: 399 })), { maxLength: 8 }),
        (swaps) => {
          const mixed = [...lines]
          for (const [to, from] of swaps) mixed[to] = lines[from] ?? ''
          expect(judge('put.c', mixed.join('\n')).findings).toBeDefined()
        },
      ),
      { numRuns: 40 },
    )
  })

  it('gives the same result each time', () => {
    const once = JSON.stringify(judge('leak.c').findings)
    expect(JSON.stringify(judge('leak.c').findings)).toBe(once)
  })
})
