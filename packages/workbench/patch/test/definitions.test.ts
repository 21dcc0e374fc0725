// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedDefinitions, definitionAt, definitionsIn } from '../src/index.ts'

/** The definitions of a C file as `kind name start-end`. */
const found = (text: string, path = 'x.c'): string[] =>
  definitionsIn(path, text).map(
    ({ kind, name, start, end }) => `${kind} ${name} ${String(start)}-${String(end)}`,
  )

describe('a definition in C', () => {
  it.each([
    ['a function', 'int one(void)\n{\n\treturn 1;\n}\n', ['function one 1-4']],
    ['a function on one line', 'static inline void one(void) { }\nint x;\n', ['function one 1-1']],
    ['the return type on its own line', 'static int\none(void)\n{\n}\n', ['function one 1-4']],
    ['parameters over several lines', 'int one(int a,\n\tint b)\n{\n}\n', ['function one 1-4']],
    [
      'attributes before the name',
      'static __printf(1, 2) void one(char *s, ...)\n{\n}\n',
      ['function one 1-3'],
    ],
    [
      'annotations behind',
      'void one(void)\n\t__acquires(&lock)\n\t__releases(&lock)\n{\n}\n',
      ['function one 1-5'],
    ],
    ['annotations in column 0', 'void one(int *a)\n__must_hold(&lock)\n{\n}\n', ['function one 1-4']],
    ['a section annotation', 'static void __init one(void)\n{\n}\n', ['function one 1-3']],
    ['a pointer to a struct', 'struct node *one(struct node *a)\n{\n}\n', ['function one 1-3']],
    ['a system call', 'SYSCALL_DEFINE2(one, int, a, int, b)\n{\n}\n', ['function SYSCALL_DEFINE2(one) 1-3']],
    [
      'a compat system call',
      'COMPAT_SYSCALL_DEFINE1(one,\n\tint, a)\n{\n}\n',
      ['function COMPAT_SYSCALL_DEFINE1(one) 1-4'],
    ],
    ['an initialised struct', 'static const struct ops one = {\n\t.get = two,\n};\n', ['object one 1-3']],
    [
      'an initialised array',
      'static const struct id one[] __initconst = {\n\t{ },\n};\n',
      ['object one 1-3'],
    ],
    ['an array of function pointers', 'static int (*const one[])(int) = {\n\ttwo,\n};\n', ['object one 1-3']],
    ['an anonymous struct', 'static struct {\n\tint a;\n} one;\n', ['object one 1-3']],
    [
      'an anonymous struct with a body behind',
      'static struct {\n\tint a;\n} one[] __initdata = {\n\t{ 1 },\n};\n',
      ['object one 1-5'],
    ],
    ['a struct', 'struct one {\n\tint a;\n};\n', ['type one 1-3']],
    ['a packed struct', 'struct one {\n\tint a;\n} __packed;\n', ['type one 1-3']],
    ['a typedef', 'typedef struct {\n\tint a;\n} one;\n', ['type one 1-3']],
    ['an enum without a name', 'enum {\n\tA,\n};\n', ['type enum 1-3']],
    ['a macro', '#define ONE 1\n', ['macro ONE 1-1']],
    ['a macro over several lines', '#define ONE(a) do { \\\n\ta; \\\n} while (0)\n', ['macro ONE 1-3']],
    [
      'macro calls over several lines',
      'TRACE_EVENT(one,\n\tTP_PROTO(int a)\n);\nDEFINE_EVENT(all, two,\n\tTP_PROTO(int a));\n',
      ['object TRACE_EVENT(one) 1-3', 'object DEFINE_EVENT(two) 4-5'],
    ],
  ])('is found for %s', (_what, text, expected) => {
    expect(found(text)).toEqual(expected)
    const lines = text.split('\n').length - 1
    expect(found(`/* { */\n${text}\nint last(void)\n{\n}\n`).at(-1)).toBe(
      `function last ${String(lines + 3)}-${String(lines + 5)}`,
    )
  })

  it.each([
    ['a declaration', 'int one(void);\nextern struct ops two;\n'],
    ['a declaration over several lines', 'int one(int a,\n\tint b);\n'],
    ['an exported symbol', 'EXPORT_SYMBOL_GPL(one);\nMODULE_LICENSE("GPL");\n'],
    ['a comment', '/*\nint one(void)\n{\n}\n*/\n// int one(void) {\n'],
    ['a macro call without a semicolon', 'EXPORT_SYMBOL(one)\n\n'],
    ['a label', 'out:\n'],
  ])('is not %s', (_what, text) => {
    expect(found(text)).toEqual([])
    expect(found(`${text}int last(void)\n{\n}\n`)).toHaveLength(1)
  })

  it('ends at its own brace, despite comments, strings and constants', () => {
    const body = `\tif (a) {\n\t\tputs("}{\\"");\n\t} /* }\n} */\n\tc = '{'; c = '\\'';\n\t// }\n`
    expect(found(`int one(void)\n{\n${body}}\nint two(void)\n{\n}\n`)).toEqual([
      'function one 1-9',
      'function two 10-12',
    ])
  })

  it('may have labels and directives in column 0', () => {
    const body = '#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t}\nout:\n#define B 1\n\treturn;\n'
    expect(found(`int one(void)\n{\n${body}}\nint two(void)\n{\n}\n`)).toEqual([
      'function one 1-12',
      'function two 13-15',
    ])
  })

  it('may have one header per branch of an #if', () => {
    const text = '#ifdef A\nint one(int a)\n#else\nint one(int a, int b)\n#endif\n{\n}\nint two(void)\n{\n}\n'
    expect(found(text)).toEqual(['function one 4-7', 'function two 8-10'])
  })

  it('is found by a line inside it', () => {
    const definitions = definitionsIn('x.c', 'int one(void)\n{\n}\n\nint two(void)\n{\n}\n')
    expect([1, 3, 4, 6].map((line) => definitionAt(definitions, line)?.name ?? null)).toEqual([
      'one',
      'one',
      null,
      'two',
    ])
  })
})

describe('a definition in TypeScript', () => {
  it('continues until the next line in column 0', () => {
    const text = `import { a } from './a.ts'

/** One. */
export function one(
  a: number,
): void {
  a()
}

export class two extends struct {
  a = 1

  b(): void {}
}
export type three =
  | 'a'
  | 'b'
const four = {
  a: 1,
}
export const five: number = 5
`
    expect(found(text, 'x.ts')).toEqual([
      'function one 4-8',
      'type two 10-14',
      'type three 15-17',
      'object four 18-20',
      'object five 21-21',
    ])
  })
})

it('files in other languages have no definitions', () => {
  expect(found('config X\n\tbool\n', 'Kconfig')).toEqual([])
})

describe('changed definitions', () => {
  const f = (name: string, body = ''): string => `int ${name}(void)\n{\n${body}}\n`

  it('are those whose text differs, wherever they are', () => {
    const before = f('a') + f('b') + f('c', '\tx;\n')
    const after = f('c', '\ty;\n') + f('a') + f('d')
    expect(
      changedDefinitions('x.c', before, after).map(({ change, definition }) => [change, definition.name]),
    ).toEqual([
      ['modified', 'c'],
      ['added', 'd'],
      ['removed', 'b'],
    ])
  })

  it('of a new or deleted file are all definitions of it', () => {
    expect(changedDefinitions('x.c', null, f('a')).map(({ change }) => change)).toEqual(['added'])
    expect(changedDefinitions('x.c', f('a'), null).map(({ change }) => change)).toEqual(['removed'])
  })

  it('of the same name are matched by their order', () => {
    const two = (body: string): string => `#ifdef A\n${f('a')}#else\n${f('a', body)}#endif\n`
    expect(changedDefinitions('x.c', two('\tx;\n'), two('\ty;\n'))).toMatchObject([
      { change: 'modified', definition: { name: 'a', start: 6 } },
    ])
  })
})

const piece = fc.constantFrom(
  'int one(void)\n{\n\treturn 1;\n}\n',
  'static struct ops two = {\n\t.a = 1,\n};\n',
  'struct three {\n\tint a;\n};\n',
  'SYSCALL_DEFINE1(four, int, a)\n{\n}\n',
  '#define FIVE(a) do { \\\n} while (0)\n',
)
const between = fc.constantFrom(
  '',
  '\n',
  '/* { ( */\n',
  'int decl(int a);\n',
  '#ifdef A\n',
  'EXPORT_SYMBOL(one);\n',
)

it('definitions are found one by one, with any text between them', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(between, piece), { maxLength: 12 }), (parts) => {
      const text = parts.flat().join('')
      const single = parts.map(([, one]) => found(one)[0]?.split(' ').slice(0, 2).join(' '))
      expect(found(text).map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual(single)
    }),
  )
})

it('any text is accepted, and definitions do not overlap', () => {
  const token = fc.constantFrom(
    'int',
    ' a',
    '(',
    ')',
    '{',
    '}',
    ';',
    '\n',
    '=',
    '#if',
    '#else',
    '#endif',
    '"',
    "'",
    '/*',
    '*/',
    '\\',
  )
  fc.assert(
    fc.property(fc.array(token, { maxLength: 60 }), (tokens) => {
      let last = 0
      for (const { start, end } of definitionsIn('x.c', tokens.join(''))) {
        expect(start).toBeGreaterThan(last)
        expect(end).toBeGreaterThanOrEqual(start)
        last = end - 1
      }
    }),
  )
})
