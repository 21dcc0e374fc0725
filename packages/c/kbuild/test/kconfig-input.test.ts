// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { KbuildError } from '../src/index.ts'
import { parseExpression, printExpression, symbolsOf } from '../src/kconfig/expression.ts'
import { tokensOf } from '../src/kconfig/lexer.ts'
import { Macros } from '../src/kconfig/macros.ts'
import { comparisons, type Expression, type Operand } from '../src/kconfig/model.ts'
import { shellAnswers } from '../src/kconfig/shell-answers.ts'
import { modelOf, valuesOf } from './support/kconfig.ts'

const folder = mkdtempSync(join(tmpdir(), 'pfo-kconfig-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const name = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,5}$/)
const operand: fc.Arbitrary<Operand> = fc.oneof(
  name.map((text): Operand => ({ kind: 'symbol', text })),
  fc.constantFrom('y', 'm', 'n', 'x y', '12').map((text): Operand => ({ kind: 'text', text })),
)
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    operand,
    fc.record({ kind: fc.constant('not' as const), of: tie('expression') }),
    fc.record({
      kind: fc.constant('compare' as const),
      operator: fc.constantFrom(...comparisons),
      left: operand,
      right: operand,
    }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      left: tie('expression'),
      right: tie('expression'),
    }),
  ),
}))

const noMacros = new Macros(new Map(), () => '')
const parse = (text: string): Expression | null =>
  parseExpression(tokensOf(text, noMacros), 0)?.expression ?? null

/** Prints an expression. `(A && B) && C` and `A && (B && C)` have the same text. */
const flat = (one: Expression | null): string | null => (one === null ? null : printExpression(one))

describe('expressions', () => {
  it('survive printing and parsing', () => {
    fc.assert(
      fc.property(expression, (one) => {
        const read = parse(printExpression(one))
        expect(flat(read)).toBe(flat(one))
        expect(symbolsOf(read)).toEqual(symbolsOf(one))
      }),
    )
  })

  it.each(['', '&&', 'A &&', '(A', '!', 'A =', ')', '='.repeat(50), '('.repeat(5_000), '!'.repeat(5_000)])(
    'that are invalid are rejected: %j',
    (text) => {
      expect(parse(text)).toBeNull()
    },
  )
})

describe('hostile Kconfig files', () => {
  it('run nothing', async () => {
    const trap = join(folder, 'sprung')
    const files = [
      `$(shell,touch ${trap})\n`,
      `x := $(shell,touch ${trap})\nconfig A\n\tdef_bool $(shell,touch ${trap}; echo y)\n`,
      `run = $(shell,$(1))\nconfig A\n\tstring\n\tdefault "$(run,touch ${trap})"\n`,
      `config A\n\tdef_bool $(success,touch ${trap})\n`,
    ]
    for (const text of files) await valuesOf(text, { shell: shellAnswers(190107) })
    expect(existsSync(trap)).toBe(false)
  })

  it.each([
    ['a file that includes itself', { Kconfig: 'source "Kconfig"\n' }, 'include each other in a loop'],
    [
      'a file that is not there',
      { Kconfig: 'source "nope"\n' },
      'Kconfig:1 includes nope, which does not exist',
    ],
    ['no file at all', {}, 'the tree has no Kconfig'],
    ['a block that is not closed', { Kconfig: 'if A\n' }, 'Kconfig: a block is not closed'],
    [
      'a block of another file that is closed',
      { Kconfig: 'if A\nsource "b"\n', b: 'endif\n' },
      'a block is not closed',
    ],
    [
      'an end without a beginning',
      { Kconfig: 'endmenu\n' },
      'Kconfig:1: "endmenu" ends a block that was not opened',
    ],
    [
      'a macro that calls itself',
      { Kconfig: 'a = $(a)\nconfig A\n\tdefault "$(a)"\n' },
      'call each other in a loop',
    ],
    [
      'macros that grow',
      {
        Kconfig: `${Array.from({ length: 40 }, (_, at) => `a${String(at + 1)} = $(a${String(at)})$(a${String(at)})\n`).join('')}a0 = xx\nconfig A\n\tdefault "$(a40)"\n`,
      },
      /grows without bounds|in a loop/,
    ],
    ['a macro that is not closed', { Kconfig: 'config A\n\tdefault $(a\n' }, 'has no closing parenthesis'],
    ['very deep menus', { Kconfig: 'menu "m"\n'.repeat(5_000) }, 'nested too deep'],
  ] as const)('with %s are refused', async (_what, files, why) => {
    const result = valuesOf(files)
    await expect(result).rejects.toThrow(KbuildError)
    await expect(result).rejects.toThrow(why)
  })

  it('with too long a chain of dependencies are refused', async () => {
    const chain = Array.from(
      { length: 60_000 },
      (_, at) => `config A${String(at)}\n\tdef_bool A${String(at + 1)}\n`,
    )
    await expect(valuesOf(chain.join(''))).rejects.toThrow(
      'a chain of dependencies between Kconfig symbols is too long',
    )
  })

  it('fail in no other way, whatever they contain', async () => {
    const words = [
      'config',
      'A',
      'B',
      'bool',
      'tristate',
      'choice',
      'endchoice',
      'if',
      'endif',
      'menu',
      'endmenu',
    ]
    const more = [
      '"t"',
      'depends',
      'on',
      'default',
      'select',
      'help',
      'y',
      'm',
      '&&',
      '||',
      '!',
      '(',
      ')',
      '=',
      '$(A)',
      '\n',
      '\n\t',
      'range',
      '1',
      '\\\n',
    ]
    const text = fc
      .array(fc.oneof(fc.constantFrom(...words, ...more), fc.string({ maxLength: 3 })))
      .map((all) => all.join(' '))
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.boolean(),
        fc.constantFrom('no' as const, 'mod' as const),
        async (file, choicesAreMenus, base) => {
          try {
            await valuesOf(file, { choicesAreMenus, base })
          } catch (fault) {
            expect(fault).toBeInstanceOf(KbuildError)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('with unknown lines are parsed without them, and the warning names the line', async () => {
    const model = await modelOf('config A\n\tdef_bool y\n\todd thing\n')
    expect(model.warnings).toEqual(['Kconfig:3: "odd" is not understood'])
  })
})

describe('shell commands', () => {
  const answer = shellAnswers(190107)
  const success = (condition: string): string =>
    answer(`{ ${condition}; } >/dev/null 2>&1 && echo "y" || echo "n"`)

  it.each([
    ['test "Clang" = Clang', 'y'],
    ['test "Clang" = GCC', 'n'],
    ['test 190107 -ge 110000', 'y'],
    ['[ 5 -lt 4 ]', 'n'],
    ['test -n ""', 'n'],
    ['echo "clang version 19" | grep -q clang', 'y'],
    ['echo "clang version 19" | grep -q gcc', 'n'],
    ['clang -Werror -fno-such-thing -c -x c /dev/null -o /dev/null', 'n'],
    ['./scripts/cc-can-link.sh clang', 'n'],
    ['true; touch x', 'n'],
    ['true', 'y'],
  ])('whether %j succeeds: %s', (condition, expected) => {
    expect(success(condition)).toBe(expected)
  })

  it.each([
    ['./scripts/cc-version.sh clang', 'Clang 190107'],
    ['./scripts/as-version.sh clang -m', 'LLVM 190107'],
    ['./scripts/ld-version.sh ld.lld', 'LLD 190107'],
    ['./scripts/clang-version.sh clang', '190107'],
    ["./scripts/gcc-version.sh -p clang | sed 's/^0*//'", '0'],
    ['./scripts/pahole-version.sh pahole', '0'],
    ['set -- Clang 190107 && echo $1', 'Clang'],
    ['set -- Clang 190107 && echo $2', '190107'],
    ['uname --release', ''],
  ])('output of %j: %j', (command, expected) => {
    expect(answer(command)).toBe(expected)
  })
})
