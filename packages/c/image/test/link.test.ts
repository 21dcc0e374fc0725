// SPDX-License-Identifier: GPL-2.0-only
import { parseModule } from '@pfo-workbench/ir'
import {
  decodeObject,
  encodeObject,
  translate,
  type ObjectFile,
  type TranslateOptions,
} from '@pfo-workbench/object'
import { describe, expect, it } from 'vitest'
import {
  callChain,
  imageFromJson,
  imageToJson,
  link,
  LinkError,
  locate,
  type Image,
  type LinkOptions,
} from '../src/index.ts'
import { addressOf, start } from './support/run.ts'

const layout = 'target datalayout = "e-m:e-i64:64-n32:64"\n'

function object(file: string, text: string, options: Partial<TranslateOptions> = {}): ObjectFile {
  return translate(parseModule(layout + text), { file, module: null, ...options })
}

function linked(objects: readonly ObjectFile[], options: Partial<LinkOptions> = {}): Image {
  return link(objects, { hosts: new Map(), roots: ['f'], watch: [], memorySize: 4 << 20, ...options })
}

/** A function without parameters that returns a number. */
const returns = (name: string, value: number, linkage = ''): string =>
  `define ${linkage} i32 @${name}() {\n  ret i32 ${value}\n}\n`
/** A function that returns the result of another. */
const calls = (name: string, callee: string, linkage = ''): string =>
  `define ${linkage} i32 @${name}() {\n  %1 = call i32 @${callee}()\n  ret i32 %1\n}\n`
const declares = (name: string): string => `declare i32 @${name}()\n`

describe('a call resolves to', () => {
  it('the static function of the same file, regardless of others', () => {
    const a = object('a.c', calls('f', 'g') + returns('g', 1, 'internal'))
    const b = object('b.c', returns('g', 2))
    const c = object('c.c', calls('h', 'g') + declares('g'))
    const { call } = start(linked([a, b, c], { roots: ['f', 'h'] }))
    expect([call('f'), call('h')]).toEqual([1, 2])
  })

  it('a strong definition rather than a weak one, in any order of files', () => {
    const weak = object('weak.c', calls('f', 'g') + returns('g', 1, 'weak'))
    const strong = object('strong.c', returns('g', 2))
    for (const objects of [
      [weak, strong],
      [strong, weak],
    ])
      expect(start(linked(objects)).call('f')).toBe(2)
    expect(start(linked([weak])).call('f')).toBe(1)
  })

  it('an inline function’s own body only if no file has another', () => {
    const inline = object('inline.c', calls('f', 'g') + returns('g', 1, 'available_externally'))
    expect(start(linked([inline])).call('f')).toBe(1)
    expect(start(linked([inline, object('b.c', returns('g', 2))])).call('f')).toBe(2)
  })

  it('the host’s function rather than the kernel’s own', () => {
    const image = linked([object('a.c', calls('f', 'g') + declares('g')), object('b.c', returns('g', 1))], {
      hosts: new Map([['g', {}]]),
    })
    expect(image.imports.filter(({ kind }) => kind !== 'runtime')).toEqual([
      { kind: 'host', name: 'g', signature: { parameters: [], results: ['i32'] }, variadic: false },
    ])
    expect(start(image, { g: () => 9 }).call('f')).toBe(9)
  })

  it('the kernel’s own function, if the host supplies only missing ones', () => {
    const hosts = new Map([['g', { onlyMissing: true }]])
    const caller = object('a.c', calls('f', 'g') + declares('g'))
    const own = linked([caller, object('b.c', returns('g', 1))], { hosts })
    expect(own.imports.filter(({ kind }) => kind === 'host')).toEqual([])
    expect(start(own).call('f')).toBe(1)
    expect(start(linked([caller], { hosts }), { g: () => 9 }).call('f')).toBe(9)
  })

  it('the host’s function rather than one that a header of the kernel defines', () => {
    const inHeader = (file: string): string =>
      `define internal i32 @g() !dbg !2 {\n  ret i32 1, !dbg !4\n}\n` +
      `!llvm.dbg.cu = !{!0}\n!0 = distinct !DICompileUnit(language: DW_LANG_C11, file: !1)\n` +
      `!1 = !DIFile(filename: "${file}", directory: "")\n` +
      `!2 = distinct !DISubprogram(name: "g", file: !1, line: 3, unit: !0)\n` +
      `!4 = !DILocation(line: 4, column: 1, scope: !2)\n`
    const resultWith = (header: string, module: string | null): unknown =>
      start(
        linked([object('drivers/a.c', calls('f', 'g') + inHeader(header), { module })], {
          hosts: new Map([['g', {}]]),
        }),
        { g: () => 9 },
      ).call('f')
    expect(resultWith('include/linux/g.h', null)).toBe(9)
    expect(resultWith('arch/powerpc/include/asm/g.h', 'a')).toBe(9)
    // A header in another folder belongs to the kernel if the code that includes it does, otherwise to the code's
    // module.
    expect(resultWith('drivers/base.h', null)).toBe(9)
    expect(resultWith('drivers/base.h', 'a')).toBe(1)
  })

  it('a static function of its own file, though the host replaces a function of that name', () => {
    const driver = object('drivers/a.c', calls('f', 'g') + returns('g', 1, 'internal'))
    const other = object('drivers/b.c', calls('h', 'g') + declares('g'))
    const image = linked([driver, other], { roots: ['f', 'h'], hosts: new Map([['g', {}]]) })
    const { call } = start(image, { g: () => 9 })
    expect([call('f'), call('h')]).toEqual([1, 9])
  })

  it('a function of its own module, though the host replaces a function of that name', () => {
    const one = object('drivers/a.c', calls('f', 'g') + declares('g'), { module: 'a' })
    const two = object('drivers/b.c', returns('g', 1), { module: 'a' })
    const image = linked([one, two], { hosts: new Map([['g', {}]]) })
    expect(start(image, { g: () => 9 }).call('f')).toBe(1)
  })

  it('the host’s function for a static function only in the folder that the host names', () => {
    const file = (path: string, name: string): ObjectFile =>
      object(path, calls(name, 'g') + returns('g', 1, 'internal'))
    const objects = [file('lib/a.c', 'f'), file('drivers/b.c', 'h')]
    const image = linked(objects, { roots: ['f', 'h'], hosts: new Map([['g', { file: 'lib/' }]]) })
    const { call } = start(image, { g: () => 9 })
    expect([call('f'), call('h')]).toEqual([9, 1])
  })

  it('the target of an alias', () => {
    const a = object('a.c', `@g = alias i32 (), ptr @real\n${returns('real', 3, 'internal')}`)
    const b = object('b.c', calls('f', 'g') + declares('g'))
    expect(start(linked([a, b])).call('f')).toBe(3)
  })

  it('a missing import if the function is undefined; calling it reports the name', () => {
    const image = linked([object('a.c', calls('f', 'nobody') + declares('nobody'))])
    expect(image.imports.at(-1)).toMatchObject({ kind: 'missing', name: 'nobody' })
    expect(() => start(image).call('f')).toThrow('nobody')
  })

  it('the same module first, then the kernel', () => {
    const kernel = object('k.c', returns('g', 1) + returns('only', 5))
    const one = object('one.c', calls('f', 'g') + returns('g', 2) + calls('h', 'only') + declares('only'), {
      module: 'one',
    })
    const { call } = start(linked([kernel, one], { roots: ['f', 'h'] }))
    expect([call('f'), call('h')]).toEqual([2, 5])
  })

  it('the image’s memcpy unless the tree defines one', () => {
    const text = `declare ptr @memcpy(ptr, ptr, i64)
@from = global i64 5
@to = global i64 0
define i64 @f() {
  %1 = call ptr @memcpy(ptr @to, ptr @from, i64 8)
  %2 = load i64, ptr @to
  ret i64 %2
}
`
    expect(start(linked([object('a.c', text)])).call('f')).toBe(5n)
    const own = object(
      'string.c',
      'define ptr @memcpy(ptr %0, ptr %1, i64 %2) {\n  store i64 77, ptr %0\n  ret ptr %0\n}\n',
    )
    expect(start(linked([object('a.c', text), own])).call('f')).toBe(77n)
  })
})

describe('an image', () => {
  it('contains only what its roots reach', () => {
    const text =
      calls('f', 'used') +
      returns('used', 1) +
      returns('unused', 2) +
      '@table = global [1 x ptr] [ptr @pointed]\n@idle = global i32 1\n' +
      returns('pointed', 3) +
      'define ptr @g() {\n  ret ptr @table\n}\n'
    const image = linked([object('a.c', text)], { roots: ['f', 'g', 'nobody'] })
    expect(image.functions.map(({ name }) => name).sort()).toEqual(['f', 'g', 'pointed', 'used'])
    expect(image.symbols.filter(({ kind }) => kind === 'data').map(({ name }) => name)).toEqual(['table'])
  })

  it('is the same for the same objects', () => {
    const objects = [object('a.c', calls('f', 'g') + declares('g')), object('b.c', returns('g', 1))]
    expect(linked(objects)).toEqual(linked(objects))
    expect(linked(objects.map((one) => decodeObject(encodeObject(one))))).toEqual(linked(objects))
  })

  it('survives serialization', () => {
    for (const size of [0, 1, 2, 3, 4]) {
      const text = `@x = global [${size} x i8] c"${'\\FF'.repeat(size)}"\ndefine ptr @f() {\n  ret ptr @x\n}\n`
      const image = linked([object('a.c', text, { layouts: 'all' })])
      expect(imageFromJson(imageToJson(image))).toEqual(image)
    }
  })

  it('cannot mix byte orders', () => {
    const big = translate(parseModule('target datalayout = "E-i64:64"\n'), { file: 'big.c', module: null })
    expect(() => linked([object('a.c', returns('f', 1)), big])).toThrow(LinkError)
  })

  it('is refused if it does not fit into memory', () => {
    const text = '@x = global [5000000 x i8] zeroinitializer\ndefine ptr @f() {\n  ret ptr @x\n}\n'
    expect(() => linked([object('a.c', text)])).toThrow(/does not hold/)
  })

  it('has the kernel’s function as a root where a module has a static one of the same name', () => {
    const module = object('drivers/a.c', returns('f', 1, 'internal'), { module: 'a' })
    const kernel = object('kernel/b.c', returns('f', 2, 'internal'))
    expect(start(linked([module, kernel])).call('f')).toBe(2)
    expect(start(linked([module])).call('f')).toBe(1)
  })
})

describe('data', () => {
  it('that is undefined has the size of its type or of the options', () => {
    const text = `%struct.list_head = type { ptr, ptr }
@list = external global %struct.list_head
@buffer = external global [0 x i8]
define ptr @f() {
  ret ptr @list
}
define ptr @g() {
  ret ptr @buffer
}
`
    const image = linked([object('a.c', text)], { roots: ['f', 'g'], dataSizes: new Map([['buffer', 4096]]) })
    expect(image.undefinedData).toMatchObject(
      [
        { name: 'list', size: 16, type: { kind: 'struct', name: 'list_head' } },
        { name: 'buffer', size: 4096 },
      ].sort(({ name }) => (name === image.undefinedData[0]?.name ? -1 : 1)),
    )
  })

  it('of a section is contiguous between its bounds, whichever file defines it', () => {
    const entry = (name: string, value: number): string =>
      `@${name} = global i64 ${value}, section "entries", align 8\n`
    const user = `@__start_entries = external global [0 x i64]
@__stop_entries = external global [0 x i64]
define i64 @f() {
  br label %loop
loop:
  %p = phi ptr [ @__start_entries, %0 ], [ %n, %loop ]
  %s = phi i64 [ 0, %0 ], [ %t, %loop ]
  %v = load i64, ptr %p
  %t = add i64 %s, %v
  %n = getelementptr i64, ptr %p, i64 1
  %c = icmp eq ptr %n, @__stop_entries
  br i1 %c, label %out, label %loop
out:
  ret i64 %t
}
`
    const objects = [
      object('a.c', entry('a', 1) + entry('b', 20)),
      object('u.c', user),
      object('c.c', entry('c', 300)),
    ]
    expect(start(linked(objects)).call('f')).toBe(321n)
  })

  it('of a section can be referred to by the section’s own name', () => {
    const objects = [
      object('a.c', '@one = global i64 7, section "__my_table", align 8\n'),
      object(
        'u.c',
        '@__my_table = external global [0 x i64]\ndefine i64 @f() {\n  %1 = load i64, ptr @__my_table\n  ret i64 %1\n}\n',
      ),
    ]
    expect(start(linked(objects)).call('f')).toBe(7n)
  })

  it('of a module is one range, so that loading the module again can copy it', () => {
    const text = (name: string): string =>
      `@${name} = global i32 5\ndefine i32 @init_module() {\n  %1 = load i32, ptr @${name}\n  ret i32 %1\n}\n`
    const image = linked([
      object('k.c', '@kernel = global i32 1\ndefine ptr @f() {\n  ret ptr @kernel\n}\n'),
      object('m.c', text('m'), { module: 'm' }),
      object('n.c', text('n'), { module: 'n' }),
    ])
    const ranges = image.modules.map(({ name, data }) => [name, data])
    for (const name of ['m', 'n']) {
      const [range] = image.modules.find((one) => one.name === name)?.data ?? []
      const at = addressOf(image, name)
      expect(range !== undefined && at >= range.start && at + 4 <= range.end).toBe(true)
    }
    expect(ranges).toHaveLength(2)
    const kernel = addressOf(image, 'kernel')
    expect(
      image.modules.every(({ data }) => data.every(({ start: from, end }) => kernel < from || kernel >= end)),
    ).toBe(true)
  })
})

describe('entry points', () => {
  it('are initcall pointers in sections, and relative ones in assembler', () => {
    const old = object(
      'old.c',
      `@__initcall_a = internal global ptr @a, section ".initcall4.init"\n${returns('a', 1, 'internal')}`,
    )
    const text = [
      'module asm ".section \\22.initcall6s.init\\22, \\22a\\22"',
      'module asm "__initcall__kmod_new__1_2_b6s:"',
      'module asm ".long b - ."',
      'module asm ".previous"',
      'module asm ".long c - ."',
    ].join('\n')
    const recent = object('new.c', `${text}\n${returns('b', 2, 'internal')}`)
    const image = linked([old, recent], { roots: [] })
    expect(image.initcalls).toMatchObject([
      { level: '4', function: 'a', file: 'old.c' },
      { level: '6s', function: 'b', file: 'new.c' },
    ])
    const program = start(image)
    expect(image.initcalls.map(({ address }) => program.callPointer(address))).toEqual([1, 2])
  })

  it('of modules are aliases in the module', () => {
    const module = (value: number): string =>
      `@init_module = alias i32 (), ptr @start\n@cleanup_module = alias i32 (), ptr @stop\n${returns('start', value, 'internal')}${returns('stop', value + 1, 'internal')}`
    const image = linked(
      [
        object('a.c', module(10), { module: 'a' }),
        object('b.c', module(20), { module: 'b' }),
        object('c.c', returns('x', 1), { module: 'c' }),
      ],
      { roots: [] },
    )
    const program = start(image)
    expect(
      image.modules.map(({ name, init, exit }) => [
        name,
        init === null ? null : program.callPointer(init),
        exit === null ? null : program.callPointer(exit),
      ]),
    ).toEqual([
      ['a', 10, 11],
      ['b', 20, 21],
      ['c', null, null],
    ])
  })
})

const places = `!llvm.dbg.cu = !{}
!1 = !DIFile(filename: "drivers/a.c", directory: "/k")
!2 = distinct !DISubprogram(name: "f", file: !1, line: 10)
!3 = distinct !DISubprogram(name: "g", file: !1, line: 20)
!4 = !DILocation(line: 12, column: 2, scope: !2)
!5 = !DILocation(line: 13, column: 2, scope: !2)
!6 = !DILocation(line: 22, column: 2, scope: !3)
`
const chained = `declare i32 @host(i32)
define i32 @f(i32 %0) !dbg !2 {
  %2 = call i32 @g(i32 %0), !dbg !4
  %3 = call i32 @g(i32 %2), !dbg !5
  ret i32 %3, !dbg !5
}
define internal i32 @g(i32 %0) #0 !dbg !3 {
  %2 = call i32 @host(i32 %0), !dbg !6
  ret i32 %2, !dbg !6
}
attributes #0 = { inlinehint }
${places}`

describe('call chains', () => {
  it('have function, file and line of every frame', () => {
    const image = linked([object('drivers/a.c', chained)], { hosts: new Map([['host', {}]]) })
    const chains: unknown[] = []
    const program = start(image, {
      host: (value) => {
        chains.push(callChain(image, program.sites()))
        return value
      },
    })
    program.call('f', 1)
    expect(program.sites()).toEqual([])
    const frame = (name: string, line: number): object => ({
      function: name,
      file: 'drivers/a.c',
      line,
      inline: name === 'g',
      allocates: null,
    })
    expect(chains).toEqual([
      [frame('g', 22), frame('f', 12)],
      [frame('g', 22), frame('f', 13)],
    ])
  })

  it('list a watched function once, both on entry and while it runs', () => {
    const image = linked([object('drivers/a.c', chained)], {
      hosts: new Map([['host', {}]]),
      watch: [
        { kind: 'function', name: 'g', file: 'drivers/a.c' },
        { kind: 'function', name: 'f', file: 'drivers/b.c' },
      ],
    })
    expect(image.watchpoints).toEqual([{ kind: 'function', name: 'g', file: 'drivers/a.c' }])
    const told: unknown[] = []
    const note =
      (what: string) =>
      (...values: unknown[]): undefined => {
        told.push([
          what,
          values,
          callChain(image, program.sites()).map(({ function: name, line }) => `${name}:${line}`),
        ])
      }
    const program = start(
      image,
      {
        host: (value) => {
          note('host')(value)
          return Number(value) + 5
        },
      },
      { enter: note('enter'), leave: note('leave') },
    )
    expect(program.call('f', -2)).toBe(8)
    expect(told.slice(0, 3)).toEqual([
      ['enter', [0, 0xfffffffen, 0n, 0n, 0n], ['g:20', 'f:12']],
      ['host', [-2], ['g:22', 'f:12']],
      ['leave', [0, 3n], ['g:20', 'f:12']],
    ])
    expect(told).toHaveLength(6)
  })

  it('are empty outside of C', () => {
    const image = linked([object('a.c', chained)], { hosts: new Map([['host', {}]]) })
    expect(locate(image, -1)).toBeNull()
    expect(locate(image, image.wasm.length)).toBeNull()
    expect(callChain(image, [])).toEqual([])
  })

  it('have the current line, whichever path led to it', () => {
    const text = `declare void @host(i32)
define void @f(i1 %0) !dbg !2 {
  br i1 %0, label %a, label %b, !dbg !4
a:
  call void @host(i32 1), !dbg !4
  br label %c, !dbg !4
b:
  br label %c, !dbg !5
c:
  call void @host(i32 2), !dbg !5
  ret void, !dbg !5
}
${places}`
    const image = linked([object('drivers/a.c', text)], { hosts: new Map([['host', {}]]) })
    const found: unknown[] = []
    const program = start(image, {
      host: (which) => {
        found.push([which, callChain(image, program.sites())[0]?.line])
        return undefined
      },
    })
    program.call('f', 1)
    program.call('f', 0)
    expect(found).toEqual([
      [1, 12],
      [2, 13],
      [2, 13],
    ])
  })

  it('have the function of a trap without a preceding call; endless recursion traps', () => {
    const text = `define void @trap() !dbg !2 {
  unreachable
}
define void @f(i32 %0) !dbg !3 {
  call void @f(i32 %0), !dbg !6
  ret void, !dbg !6
}
${places}`
    const image = linked([object('drivers/a.c', text)], { roots: ['trap', 'f'] })
    const program = start(image)
    expect(() => program.call('trap')).toThrow(WebAssembly.RuntimeError)
    expect(callChain(image, program.sites())).toMatchObject([{ function: 'trap', line: 10 }])
    const { length } = program.sites()
    expect(() => program.call('f', 0)).toThrow()
    const chain = callChain(image, program.sites())
    expect(chain.length).toBeGreaterThan(length + 100)
    expect(chain[0]).toMatchObject({ function: 'f' })
  })

  it('have the structure that a call allocates', () => {
    const text = `declare ptr @allocate(i64)
define void @f() !dbg !2 {
  %1 = alloca ptr
  call void @llvm.dbg.declare(metadata ptr %1, metadata !7, metadata !DIExpression()), !dbg !4
  %2 = call ptr @allocate(i64 24), !dbg !4
  store ptr %2, ptr %1, !dbg !4
  %3 = call ptr @allocate(i64 8), !dbg !5
  ret void
}
declare void @llvm.dbg.declare(metadata, metadata, metadata)
${places}!7 = !DILocalVariable(name: "np", scope: !2, file: !1, line: 11, type: !8)
!8 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !9, size: 64)
!9 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "device_node", file: !1, line: 1, size: 192, elements: !10)
!10 = !{!11}
!11 = !DIDerivedType(tag: DW_TAG_member, name: "phandle", scope: !9, file: !1, line: 2, baseType: !12, size: 32, offset: 64)
!12 = !DIBasicType(name: "unsigned int", size: 32, encoding: DW_ATE_unsigned)
`
    const image = linked([object('drivers/a.c', text)], { hosts: new Map([['allocate', {}]]) })
    const found: unknown[] = []
    const program = start(image, {
      allocate: () => {
        found.push(callChain(image, program.sites())[0]?.allocates)
        return 0n
      },
    })
    program.call('f')
    expect(found).toEqual(['device_node', null])
    expect(image.layouts.get('device_node')).toEqual({
      size: 24,
      union: false,
      fields: [
        {
          name: 'phandle',
          offset: 8,
          size: 4,
          type: { kind: 'integer', size: 4, signed: false },
          bits: null,
        },
      ],
    })
  })
})

describe('watched indirect calls', () => {
  it('report function, arguments and result', () => {
    const text = `define i32 @f(ptr %0, i32 %1) {
  %3 = call i32 %0(ptr null, i32 %1, i64 7, i64 8)
  ret i32 %3
}
define i32 @target(ptr %0, i32 %1, i64 %2, i64 %3) {
  ret i32 %1
}
`
    const image = linked([object('kernel/notifier.c', text, { watchIndirectCalls: ['f'] })], {
      roots: ['f', 'target'],
    })
    expect(image.watchpoints).toEqual([{ kind: 'indirect-call', name: 'f', file: 'kernel/notifier.c' }])
    const target = image.symbols.find(({ name }) => name === 'target')?.address ?? 0n
    const program = start(image)
    program.call('f', target, -1)
    expect(
      program.told.map(({ name, values }) => [
        name,
        ...values.map((value) => BigInt.asUintN(64, BigInt(value))),
      ]),
    ).toEqual([
      ['enter', 0n, BigInt.asUintN(64, target), 0n, 0xffffffffn, 7n],
      ['leave', 0n, 0xffffffffn],
    ])
  })
})

describe('coverage points', () => {
  it('record which blocks ran', () => {
    const text = `define i32 @f(i1 %0) !dbg !2 {
  br i1 %0, label %a, label %b, !dbg !4
a:
  ret i32 1, !dbg !5
b:
  ret i32 2, !dbg !6
}
${places}`
    const image = linked([object('drivers/a.c', text, { coverage: true })])
    const program = start(image)
    program.call('f', 0)
    const { coverage } = image.memory
    const ran = image.coveragePoints.filter((_, i) => program.memory.getUint8(coverage.start + i) !== 0)
    expect(ran).toEqual([
      { function: 'f', file: 'drivers/a.c', lines: [12] },
      { function: 'f', file: 'drivers/a.c', lines: [22] },
    ])
    expect(image.coveragePoints).toHaveLength(3)
  })
})
