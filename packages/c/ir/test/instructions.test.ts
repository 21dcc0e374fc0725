// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { parseModule, printType, printValue, successors } from '../src/index.ts'
import { functionOf, instructionsOf } from './support.ts'

describe('an instruction', () => {
  it.each([
    [
      '%3 = load volatile i32, ptr %1, align 4',
      { opcode: 'load', volatile: true, alignment: 4, ordering: null },
    ],
    [
      '%3 = load atomic i32, ptr %1 syncscope("agent") acquire, align 4',
      { opcode: 'load', ordering: 'acquire', alignment: 4 },
    ],
    [
      'store atomic volatile i32 5, ptr %1 release, align 4',
      { opcode: 'store', volatile: true, ordering: 'release' },
    ],
    ['%3 = alloca [4 x i8], i64 2, align 16', { opcode: 'alloca', alignment: 16, count: { value: 2n } }],
    [
      '%3 = add nuw nsw i32 %0, -1',
      { opcode: 'binary', flags: ['nuw', 'nsw'], right: { value: 0xffffffffn } },
    ],
    ['%3 = or disjoint i32 %0, 4', { opcode: 'binary', operation: 'or', flags: ['disjoint'] }],
    ['%3 = icmp samesign ult i32 %0, 4', { opcode: 'icmp', predicate: 'ult', type: { bits: 1 } }],
    ['%3 = zext nneg i32 %0 to i64', { opcode: 'cast', operation: 'zext', type: { bits: 64 } }],
    ['%3 = trunc nuw i32 %0 to i1', { opcode: 'cast', operation: 'trunc' }],
    ['%3 = getelementptr inbounds nuw i8, ptr %1, i64 8', { opcode: 'getelementptr', inbounds: true }],
    ['%3 = freeze i32 %0', { opcode: 'freeze' }],
    ['%3 = va_arg ptr %1, i64', { opcode: 'va_arg', type: { bits: 64 } }],
    ['%3 = select i1 true, i32 %0, i32 poison', { opcode: 'select', right: { kind: 'poison' } }],
    [
      '%3 = cmpxchg weak volatile ptr %1, i32 0, i32 %0 acq_rel monotonic, align 4',
      { opcode: 'cmpxchg', weak: true },
    ],
    [
      '%3 = cmpxchg volatile ptr %1, i32 0, i32 %0 acq_rel monotonic, align 4',
      { opcode: 'cmpxchg', weak: false },
    ],
    [
      '%3 = atomicrmw volatile umax ptr %1, i32 %0 seq_cst, align 4',
      { opcode: 'atomicrmw', operation: 'umax' },
    ],
    [
      '%3 = extractvalue { i32, [2 x i8] } zeroinitializer, 1, 0',
      { opcode: 'extractvalue', path: [1, 0], type: { bits: 8 } },
    ],
    ['%3 = insertvalue { i32, i8 } undef, i8 1, 1', { opcode: 'insertvalue', path: [1] }],
    [
      '%3 = tail call fastcc zeroext i8 @g(ptr noundef nonnull align 8 %1) #3',
      { opcode: 'call', resultAttributes: { zeroExtend: true } },
    ],
    [
      '%3 = call i32 @g(ptr byval([3 x i64]) align 8 %1)',
      { opcode: 'call', argumentAttributes: [{ byValue: { kind: 'array' }, alignment: 8 }] },
    ],
    ['%3 = call i32 @g(i32 %0) [ "kcfi"(i32 5) ]', { opcode: 'call' }],
    ['unreachable', { opcode: 'unreachable' }],
    ['indirectbr ptr %1, [label %a, label %b]', { opcode: 'indirectbr', targets: ['a', 'b'] }],
    ['switch i32 %0, label %a []', { opcode: 'switch', cases: [] }],
  ])('%s is parsed', (line, expected) => {
    const [instruction] = instructionsOf(functionOf([line]), 'f')
    expect(instruction).toMatchObject(expected)
  })

  it('keeps the number of its location if other metadata precedes it', () => {
    const module = functionOf(['%3 = add i32 %0, 1, !tbaa !4, !annotation !{!"x", !5}, !dbg !6'])
    expect(instructionsOf(module, 'f')[0]?.location).toBe(6)
  })

  it('has successor blocks', () => {
    const module = functionOf([
      'br i1 %0, label %a, label %b',
      'switch i32 %0, label %c [',
      '  i32 1, label %d',
      ']',
      'ret void',
    ])
    expect(instructionsOf(module, 'f').map(successors)).toEqual([['a', 'b'], ['c', 'd'], []])
  })
})

describe('a function', () => {
  it('without a label has an entry block that is numbered after the unnamed parameters', () => {
    const module = functionOf(
      ['br label %1', '1:', 'ret i32 0'].map((line) => line),
      'i32 %named, ptr %0',
    )
    expect(
      module.functions
        .get('f')
        ?.body()
        ?.blocks.map(({ name }) => name)[0],
    ).toBe('1')
  })

  it('may have labels with any name', () => {
    const module = parseModule(
      'define void @f() {\n"a b":\n  br label %"a b"\n\nfor.end:   ; preds = %x\n  ret void\n}\n',
    )
    expect(module.functions.get('f')?.body()?.blocks).toMatchObject([
      { name: 'a b', instructions: [{ target: 'a b' }] },
      { name: 'for.end', instructions: [{ opcode: 'ret' }] },
    ])
  })

  it('keeps its section, alignment, attributes and subprogram', () => {
    const module = parseModule(
      'define internal fastcc void @"a b"() unnamed_addr #1 section ".init.text" comdat($x) align 32 prefix i32 1 !dbg !9 !kcfi_type !3 {\n' +
        '  ret void\n}\nattributes #1 = { noinline "frame-pointer"="all" allocsize(0) }\n',
    )
    const found = module.functions.get('a b')
    expect(found).toMatchObject({ section: '.init.text', alignment: 32, subprogram: 9, linkage: 'internal' })
    expect([...(found?.attributes ?? [])]).toEqual([
      ['noinline', null],
      ['frame-pointer', 'all'],
      ['allocsize', '(0)'],
    ])
  })

  it('with a marker against mangling is listed without the marker', () => {
    const module = parseModule('declare void @"\\01real"()\n')
    expect([...module.functions.keys()]).toEqual(['real'])
  })
})

describe('types', () => {
  it.each([
    'i1',
    'ptr addrspace(3)',
    '[0 x { i8, <{ i16, ptr }> }]',
    '<4 x i32>',
    '<vscale x 2 x double>',
    'i32 (ptr, ...)',
    '%struct.a',
    '%"struct.a b"',
    '{}',
  ])('%s survives parsing and printing', (text) => {
    const module = parseModule(`@x = external global ${text}\n`)
    const type = module.globals.get('x')?.type
    expect(type === undefined ? null : printType(type)).toBe(text)
  })

  it('with the same name are one object, before and after the definition', () => {
    const module = parseModule(
      '@x = external global %a\n%a = type { %b, ptr }\n%b = type opaque\n@y = external global %a\n',
    )
    expect(module.globals.get('x')?.type).toBe(module.globals.get('y')?.type)
    expect(module.structs.get('b')?.fields).toBeNull()
    expect(module.structs.get('a')?.fields).toHaveLength(2)
  })
})

describe('values', () => {
  it.each([
    ['ptr', 'blockaddress(@f, %5)'],
    ['ptr', 'getelementptr (i8, ptr @a, i64 -8)'],
    ['i64', 'sub (i64 ptrtoint (ptr @a to i64), i64 ptrtoint (ptr @b to i64))'],
    ['i1', 'icmp eq (ptr @a, ptr null)'],
    ['<4 x i32>', 'splat (i32 -1)'],
    ['double', '5.000000e-01'],
    ['x86_fp80', '0xK3FFF8000000000000000'],
  ])('%s %s survives parsing and printing', (type, text) => {
    const module = parseModule(`@x = global ${type} ${text}\n`)
    const initializer = module.globals.get('x')?.initializer
    expect(initializer === undefined || initializer === null ? null : printValue(initializer)).toBe(text)
  })

  it('ignore flags of constant expressions', () => {
    const module = parseModule(
      '@x = global ptr getelementptr inbounds nuw ({ i8, i64 }, ptr @a, i32 0, i32 1)\n',
    )
    expect(module.globals.get('x')?.initializer).toMatchObject({
      kind: 'getelementptr',
      indices: [{}, { value: 1n }],
    })
  })
})

describe('metadata', () => {
  it('is parsed on demand, including lists and named nodes', () => {
    const module = parseModule(
      '!llvm.module.flags = !{!0, !1}\n!0 = !{i32 2, !"Debug Info Version", i32 3}\n!1 = distinct !{null, !2, ptr @f}\n' +
        '!2 = !DIDerivedType(tag: DW_TAG_member, name: "a\\22b", size: 8, flags: DIFlagBitField | DIFlagPublic, extraData: i64 4)\n',
    )
    expect(module.metadata.list('llvm.module.flags')).toEqual([
      { kind: 'node', node: 0 },
      { kind: 'node', node: 1 },
    ])
    expect(module.metadata.node(0).elements[1]).toEqual({ kind: 'string', text: 'Debug Info Version' })
    expect(module.metadata.node(1).elements).toEqual([
      { kind: 'null' },
      { kind: 'node', node: 2 },
      { kind: 'value', text: 'ptr @f' },
    ])
    const member = module.metadata.node(2)
    expect([member.string('name'), member.number('size'), member.word('flags')]).toEqual([
      'a"b',
      8,
      'DIFlagBitField | DIFlagPublic',
    ])
    expect(module.metadata.node(99).name).toBe('')
  })

  it('resolves the location of inlined code', () => {
    const module = parseModule(
      '!1 = !DIFile(filename: "a.c", directory: "/k")\n!2 = !DIFile(filename: "b.h", directory: "/k")\n' +
        '!3 = distinct !DISubprogram(name: "outer", file: !1, line: 3)\n!4 = distinct !DISubprogram(name: "inner", file: !2, line: 1)\n' +
        '!5 = !DILexicalBlockFile(scope: !4, file: !2, discriminator: 0)\n' +
        '!6 = !DILocation(line: 9, column: 2, scope: !3)\n!7 = !DILocation(line: 2, scope: !5, inlinedAt: !6)\n',
    )
    expect(module.debug.location(7)).toMatchObject({
      file: 'b.h',
      line: 2,
      column: 0,
      function: 'inner',
      inlinedAt: { file: 'a.c', line: 9, column: 2, function: 'outer' },
    })
    expect(module.debug.location(3)).toBeNull()
  })
})
