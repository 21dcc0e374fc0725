// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { KbuildError } from '../src/index.ts'
import { evaluateMakefile, type MakeResult } from '../src/make/evaluate.ts'
import { words } from '../src/make/functions.ts'

const folder = mkdtempSync(join(tmpdir(), 'pfo-make-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const variables = new Map([
  ['CONFIG_Y', 'y'],
  ['CONFIG_M', 'm'],
  ['obj', 'drivers/x'],
])

const evaluate = (text: string, include: (path: string) => string | null = () => null): MakeResult =>
  evaluateMakefile({ path: 'drivers/x/Makefile', text, variables, include })

const hasMake = spawnSync('make', ['--version']).status === 0

/** The value that GNU make computes for a variable. */
function valueOfMake(text: string, name: string): string {
  const file = join(folder, 'Makefile')
  const given = [...variables].map(([one, value]) => `${one} := ${value}\n`).join('')
  writeFileSync(file, `${given}${text}\n$(info <$(${name})>)\nall:;@:\n`)
  const { stdout } = spawnSync('make', ['-s', '-f', file], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  })
  return /<([^]*)>/.exec(stdout)?.[1] ?? stdout
}

/** Makefiles that set a variable R, and its value. */
const rows: readonly (readonly [text: string, value: string])[] = [
  ['R = a', 'a'],
  ['A = 1\nR := $(A)\nA = 2', '1'],
  ['A = 1\nR = $(A)\nA = 2', '2'],
  ['R := a\nR += b\nR += c', 'a b c'],
  ['R ?= a\nR ?= b', 'a'],
  ['A := 1\nA ?= 2\nR := $(A)', '1'],
  ['R = a \\\n  b \\\n\tc', 'a b c'],
  ['A = a # comment\nR = $(strip $(A))', 'a'],
  [
    'obj-$(CONFIG_Y) += a.o\nobj-$(CONFIG_M) += b.o\nobj-$(CONFIG_N) += c.o\nR = $(obj-y)|$(obj-m)|$(obj-)',
    'a.o|b.o|c.o',
  ],
  ['ifdef CONFIG_Y\nR = y\nelse\nR = n\nendif', 'y'],
  ['ifndef CONFIG_Y\nR = y\nelse\nR = n\nendif', 'n'],
  ['ifeq ($(CONFIG_M),m)\nR = m\nelse ifeq ($(CONFIG_Y),y)\nR = y\nelse\nR = n\nendif', 'm'],
  ['ifeq ($(CONFIG_M),y)\nR = m\nelse ifeq ($(CONFIG_Y),y)\nR = y\nelse\nR = n\nendif', 'y'],
  ['ifneq "$(CONFIG_M)" "m"\nR = 1\nelse\nifeq (,$(CONFIG_N))\nR = 2\nendif\nendif', '2'],
  ['ifdef CONFIG_N\nifdef CONFIG_Y\nR = 1\nelse\nR = 2\nendif\nelse\nR = 3\nendif', '3'],
  ['ifeq ($(CONFIG_Y)$(CONFIG_M),ym)\nR = 1\nendif', '1'],
  ['R = $(subst a,b,banana)', 'bbnbnb'],
  ['R = $(patsubst %.c,%.o,a.c b.h c.c)', 'a.o b.h c.o'],
  ['A = a.c b.c\nR = $(A:.c=.o) $(A:%.c=x/%)', 'a.o b.o x/a x/b'],
  ['R = $(filter %.o c,a.o b.c c)', 'a.o c'],
  ['R = $(filter-out %.o,a.o b.c c)', 'b.c c'],
  ['R = $(sort c b a b)', 'a b c'],
  ['R = $(strip  a   b )', 'a b'],
  ['R = $(word 2,a b c)$(words a b c)$(firstword a b)$(lastword a b)$(wordlist 2,3,a b c)', 'b3abb c'],
  ['R = $(dir a/b.c c.c) $(notdir a/b.c) $(basename a/b.c d) $(suffix a.c b)', 'a/ ./ b.c a/b d .c'],
  ['R = $(addprefix -I,a b) $(addsuffix /,a b) $(join a b,1 2)', '-Ia -Ib a/ b/ a1 b2'],
  ['R = $(findstring b,abc)$(findstring x,abc)', 'b'],
  ['R = $(if $(CONFIG_Y),yes,no)$(if $(CONFIG_N),yes,no)', 'yesno'],
  ['R = $(or $(CONFIG_N),$(CONFIG_M))$(and $(CONFIG_Y),$(CONFIG_N))', 'm'],
  ['R = $(foreach f,a b,$(f).o)', 'a.o b.o'],
  ['f = <$(1)-$(2)>\nR = $(call f,x,y)', '<x-y>'],
  ['f = $(if $(filter $(1),y m),$(2))\nR = $(call f,$(CONFIG_M),got)', 'got'],
  ['A = B\nB = c\nR = $($(A))', 'c'],
  ['a-y := 1\nn = a\nR = $($(n)-y) ${a-y}', '1 1'],
  ['$(foreach f,a b,$(eval CFLAGS_$(f).o = -D$(f)))\nR = $(CFLAGS_a.o) $(CFLAGS_b.o)', '-Da -Db'],
  ['define f\na $(1)\nendef\nR = $(strip $(call f,b))', 'a b'],
  ['R = a\nx: y\n\tR = b\n\techo $(R)\nS = c', 'a'],
  ['x: y ; echo\n\techo\n  R = $(obj)/z', 'drivers/x/z'],
  ['export R := a', 'a'],
  ['override R = a', 'a'],
  ['R = $$(A)', '$(A)'],
  ['R = $(A)$(nosuch function)', ''],
]

describe('a makefile', () => {
  it.each(rows)('%j yields %j', (text, value) => {
    expect(evaluate(text).value('R')).toBe(value)
  })

  it.runIf(hasMake).each(rows)(
    '%j yields that with GNU make too (skipped if make is not installed)',
    (text, value) => {
      expect(valueOfMake(text, 'R')).toBe(value)
    },
  )

  it('includes files of the tree, and ignores missing ones', () => {
    const files = new Map([
      ['a/Makefile', 'R += a'],
      ['b/Makefile', 'include $(srctree)/a/Makefile\nR += b'],
    ])
    const text = 'srctree := .\ninclude $(srctree)/b/Makefile\n-include nope\nR += c'
    expect(evaluate(text, (path) => files.get(path) ?? null).value('R')).toBe('a b c')
  })

  it('probes compiler options as if all were supported', () => {
    expect(evaluate('R = $(call cc-option,-Da,-Db) $(call cc-disable-warning,x)|').value('R')).toBe('-Da |')
  })

  it('has the place and the conditions of a line', () => {
    const { assignments } = evaluate('ifdef CONFIG_N\nobj-$(CONFIG_Y) += a.o\nelse\nobj-y += b.o\nendif')
    expect(assignments).toMatchObject([
      {
        place: 'drivers/x/Makefile:2',
        rawName: 'obj-$(CONFIG_Y)',
        name: 'obj-y',
        words: ['a.o'],
        conditions: ['ifdef CONFIG_N'],
        active: false,
      },
      { place: 'drivers/x/Makefile:4', words: ['b.o'], conditions: ['else of ifdef CONFIG_N'], active: true },
    ])
  })
})

describe('a hostile makefile', () => {
  it('runs nothing and reads nothing', () => {
    const trap = join(folder, 'sprung')
    const result = evaluate(
      `R := $(shell touch ${trap})\nS != touch ${trap}\nT := $(file >${trap},x)\nU := $(wildcard /etc/*)\n$(shell touch ${trap})\nall:\n\ttouch ${trap}\n`,
    )
    expect(['R', 'S', 'T', 'U'].map((name) => result.value(name))).toEqual(['', '', '', ''])
    expect(existsSync(trap)).toBe(false)
  })

  it.each([
    ['variables that refer to each other', 'A = $(B)\nB = $(A)\nR := $(A)'],
    ['a function that calls itself', 'f = $(call f,$(1)x)\nR := $(call f,x)'],
    [
      'texts that grow',
      `A0 := xxxxxxxxxxxxxxxx\n${Array.from({ length: 30 }, (_, at) => `A${String(at + 1)} := $(A${String(at)})$(A${String(at)})`).join('\n')}`,
    ],
    ['a file that includes itself', 'include drivers/x/Makefile'],
    ['lines that make lines', 'define f\n$(eval $(f))\nendef\n$(f)\n$(eval $(f))'],
  ])('with %s is refused, or evaluated as far as possible', (_what, text) => {
    try {
      evaluate(text, () => text)
    } catch (fault) {
      expect(fault).toBeInstanceOf(KbuildError)
    }
  })

  it('fails in no other way, whatever it contains', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'ifdef ',
        'ifeq (',
        'else',
        'endif',
        'define ',
        'endef',
        'include ',
        '$(',
        ')',
        ',',
        '=',
        ':=',
        '\n',
        '\t',
        'call ',
        'foreach ',
        'eval ',
        'if ',
        'word ',
        'x',
        ' ',
        '\\\n',
        '${',
        '}',
        '%',
        '$(x',
      ),
      fc.string({ maxLength: 3 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          words(evaluate(pieces.join('')).value('x'))
        } catch (fault) {
          expect(fault).toBeInstanceOf(KbuildError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
