// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { valuesOf, type Files, type KconfigCase } from './support/kconfig.ts'

type Row = readonly [what: string, files: Files, options: KconfigCase, values: Record<string, string>]

const modules = 'config MODULES\n\tbool "Modules"\n\tmodules\n'

const defaults: readonly Row[] = [
  ['a prompt without a default is n', 'config A\n\tbool "a"\n', {}, {}],
  ['a default', 'config A\n\tbool "a"\n\tdefault y\n', {}, { A: 'y' }],
  [
    'the value of the first default whose condition is true',
    'config A\n\tdef_bool n if B\n\tdefault y\nconfig B\n\tbool\n',
    {},
    { A: 'y' },
  ],
  [
    'the value that the user set, if it has a prompt',
    'config A\n\tbool "a"\n\tdefault y\n',
    { set: { A: 'n' } },
    {},
  ],
  ['its default, if it has no prompt', 'config A\n\tdef_bool y\n', { set: { A: 'n' } }, { A: 'y' }],
  ['n, if a dependency is not met', 'config A\n\tdef_bool y\n\tdepends on B\n', {}, {}],
  [
    'the value of another symbol',
    'config A\n\tstring\n\tdefault B\nconfig B\n\tstring\n\tdefault "x"\n',
    {},
    { A: 'x', B: 'x' },
  ],
  ['several definitions', 'config A\n\tbool\nconfig A\n\tdefault y\n', {}, { A: 'y' }],
]

const tristates: readonly Row[] = [
  [
    'm, if modules are enabled',
    `${modules}config A\n\ttristate "a"\n`,
    { set: { MODULES: 'y', A: 'm' } },
    { MODULES: 'y', A: 'm' },
  ],
  [
    'y instead of m, if modules are disabled',
    `${modules}config A\n\ttristate "a"\n`,
    { set: { A: 'm' } },
    { A: 'y' },
  ],
  [
    'y instead of m, for a bool',
    `${modules}config A\n\tbool "a"\n\tdepends on B\nconfig B\n\ttristate "b"\n`,
    { set: { MODULES: 'y', A: 'y', B: 'm' } },
    { MODULES: 'y', A: 'y', B: 'm' },
  ],
  [
    'at most the value of its dependency',
    `${modules}config A\n\ttristate "a"\n\tdepends on B\nconfig B\n\ttristate "b"\n`,
    { set: { MODULES: 'y', A: 'y', B: 'm' } },
    { MODULES: 'y', A: 'm', B: 'm' },
  ],
  ['m && MODULES for the word m', `${modules}config A\n\tdef_tristate m\n`, {}, {}],
]

const relations: readonly Row[] = [
  [
    'select, regardless of dependencies',
    'config A\n\tdef_bool y\n\tselect B\nconfig B\n\tbool "b"\n\tdepends on C\nconfig C\n\tbool "c"\n',
    {},
    { A: 'y', B: 'y' },
  ],
  [
    'select, only under its condition',
    'config A\n\tdef_bool y\n\tselect B if C\nconfig B\n\tbool\nconfig C\n\tbool "c"\n',
    {},
    { A: 'y' },
  ],
  [
    'imply, as a default that the user can refuse',
    'config A\n\tdef_bool y\n\timply B\n\timply C\nconfig B\n\tbool "b"\nconfig C\n\tbool "c"\n',
    { set: { B: 'n' } },
    { A: 'y', C: 'y' },
  ],
  [
    'imply, only if dependencies are met',
    'config A\n\tdef_bool y\n\timply B\nconfig B\n\tbool\n\tdepends on C\nconfig C\n\tbool "c"\n',
    {},
    { A: 'y' },
  ],
  [
    'imply before 5.7: m becomes y',
    `${modules}config A\n\tdef_bool y\n\timply B\nconfig B\n\ttristate "b"\n`,
    { set: { MODULES: 'y', B: 'm' }, impliedIsBuiltIn: true },
    { MODULES: 'y', A: 'y', B: 'y' },
  ],
  [
    'imply from 5.7 on: m stays',
    `${modules}config A\n\tdef_bool y\n\timply B\nconfig B\n\ttristate "b"\n`,
    { set: { MODULES: 'y', B: 'm' } },
    { MODULES: 'y', A: 'y', B: 'm' },
  ],
]

const numbers: readonly Row[] = [
  ['the default', 'config A\n\tint "a"\n\tdefault 7\n', {}, { A: '7' }],
  [
    'limited to its range',
    'config A\n\tint "a"\n\trange 2 9\n\tdefault 7\n',
    { set: { A: '12' } },
    { A: '9' },
  ],
  [
    'a default, limited to its range',
    'config A\n\tint\n\trange 2 9 if B\n\trange 3 5\n\tdefault 1\nconfig B\n\tbool\n',
    {},
    { A: '3' },
  ],
  ['hexadecimal, and limited to its range', 'config A\n\thex "a"\n\trange 0x10 0xff\n\tdefault 0x1000\n', {}, { A: '0xff' }],
  ['0 without a value, from 6.8 on', 'config A\n\tint "a"\n', {}, { A: '0' }],
  ['empty without a value, before 6.8', 'config A\n\tint "a"\n', { numbersAreZero: false }, { A: '' }],
]

const conditions: readonly Row[] = [
  [
    'a comparison of numbers, not of texts',
    'config A\n\tint\n\tdefault 10\nconfig B\n\tdef_bool A > 9\n',
    {},
    { A: '10', B: 'y' },
  ],
  [
    'a comparison of a hexadecimal number',
    'config A\n\thex\n\tdefault 0x10\nconfig B\n\tdef_bool A = 16\nconfig C\n\tdef_bool A = 0x10\n',
    {},
    { A: '0x10', B: 'y', C: 'y' },
  ],
  [
    'a comparison of texts',
    'config A\n\tstring\n\tdefault "b"\nconfig B\n\tdef_bool A = "b" && A != "c" && A < "c"\n',
    {},
    { A: 'b', B: 'y' },
  ],
  [
    'a symbol that no file defines: it is its own name, and n',
    'config A\n\tdef_bool X = "X"\nconfig B\n\tdef_bool !X\nconfig C\n\tdef_bool X\n',
    {},
    { A: 'y', B: 'y' },
  ],
  ['n in comparisons', 'config A\n\tdef_bool B = n\nconfig B\n\tbool "b"\n', {}, { A: 'y' }],
  [
    'precedence: not, and, or',
    'config A\n\tdef_bool !N && Y || N\nconfig B\n\tdef_bool N && (Y || Y)\nconfig Y\n\tdef_bool y\nconfig N\n\tbool\n',
    {},
    { A: 'y', Y: 'y' },
  ],
  ['circular, and its evaluation ends', 'config A\n\tdef_bool !B\nconfig B\n\tdef_bool !A\n', {}, { B: 'y' }],
]

const blocks: readonly Row[] = [
  [
    'if',
    'config Y\n\tdef_bool y\nif !Y\nconfig A\n\tdef_bool y\nendif\nif Y\nconfig B\n\tdef_bool y\nendif\n',
    {},
    { Y: 'y', B: 'y' },
  ],
  [
    'menu with dependencies',
    'menu "m"\n\tdepends on N\nconfig A\n\tdef_bool y\nendmenu\nconfig B\n\tdef_bool y\n',
    {},
    { B: 'y' },
  ],
  [
    'an invisible menu: defaults apply, settings do not',
    'menu "m"\n\tvisible if N\nconfig A\n\tbool "a"\n\tdefault y\nendmenu\n',
    { set: { A: 'n' } },
    { A: 'y' },
  ],
  [
    'source',
    {
      Kconfig: 'dir := sub\nsource "$(dir)/Kconfig"\nconfig B\n\tdef_bool A\n',
      'sub/Kconfig': 'config A\n\tdef_bool y\n',
    },
    {},
    { A: 'y', B: 'y' },
  ],
  ['source inside of if', { Kconfig: 'if N\nsource "a"\nendif\n', a: 'config A\n\tdef_bool y\n' }, {}, {}],
  ['comment entries', 'comment "c"\n\tdepends on N\nconfig A\n\tdef_bool y\n', {}, { A: 'y' }],
  [
    'help texts that look like entries',
    'config A\n\tbool "a"\n\tdefault y\n\thelp\n\t  text\n\n\t  config B\n\t\tdef_bool y\n\tdepends on N\n',
    {},
    {},
  ],
  [
    'help texts with spaces instead of tabs',
    'config A\n\tdef_bool y\n        ---help---\n          text\n\t  config B\nconfig C\n\tdef_bool y\n',
    {},
    { A: 'y', C: 'y' },
  ],
  [
    'help without a text',
    'config A\n\tdef_bool y\n\thelp\n\nconfig B\n\tdef_bool y\n',
    {},
    { A: 'y', B: 'y' },
  ],
  [
    'continuation lines',
    'config A\n\tdef_bool Y && \\\n\t\tY\nconfig Y\n\tdef_bool y\n',
    {},
    { A: 'y', Y: 'y' },
  ],
  [
    'dependencies after the properties that they apply to',
    'config A\n\tdef_bool y\n\tselect B\n\tdepends on N\nconfig B\n\tbool\n',
    {},
    {},
  ],
  [
    'number signs in texts, and comments',
    'config A # not in the text\n\tstring\n\tdefault "a#b" # nor this\n',
    {},
    { A: 'a#b' },
  ],
]

const boolChoice =
  'choice\n\tprompt "c"\n\tdefault B\nconfig A\n\tbool "a"\nconfig B\n\tbool "b"\nconfig C\n\tbool "c"\nendchoice\n'
const tristateChoice = `${modules}choice\n\ttristate "c"\nconfig A\n\ttristate "a"\nconfig B\n\ttristate "b"\nendchoice\n`

const choices: readonly Row[] = [
  ['the default member', boolChoice, {}, { B: 'y' }],
  ['the member that was set', boolChoice, { set: { C: 'y' } }, { C: 'y' }],
  ['another member, if the default is set to n', boolChoice, { set: { B: 'n' } }, { A: 'y' }],
  [
    'the first visible member',
    'choice\n\tbool "c"\nconfig A\n\tbool "a"\n\tdepends on N\nconfig B\n\tbool "b"\nendchoice\n',
    {},
    { B: 'y' },
  ],
  [
    'no member, if the choice is not visible',
    `choice\n\tprompt "c"\n\tdepends on N\nconfig A\n\tbool "a"\nendchoice\n`,
    {},
    {},
  ],
  ['before 6.11: the default member', boolChoice, { choicesAreMenus: false }, { B: 'y' }],
  [
    'before 6.11: the member that was set',
    boolChoice,
    { choicesAreMenus: false, set: { A: 'y' } },
    { A: 'y' },
  ],
  [
    'before 6.11: one of several, if the choice is y',
    tristateChoice,
    { choicesAreMenus: false, set: { MODULES: 'y', B: 'y' } },
    { MODULES: 'y', B: 'y' },
  ],
  [
    'before 6.11: several, if the choice is m',
    tristateChoice,
    { choicesAreMenus: false, set: { MODULES: 'y', A: 'm', B: 'm' } },
    { MODULES: 'y', A: 'm', B: 'm' },
  ],
  [
    'before 6.11: no member of an unset optional choice',
    'choice\n\tbool "c"\n\toptional\nconfig A\n\tbool "a"\nendchoice\n',
    { choicesAreMenus: false },
    {},
  ],
  [
    'before 6.11: a bool member, and y for the symbol that it selects, although the choice depends on m',
    `${modules}config M\n\ttristate "m"\nif M\nchoice\n\tbool "c"\nconfig A\n\tbool "a"\n\tselect S\nendchoice\nendif\nconfig S\n\ttristate\n`,
    { choicesAreMenus: false, set: { MODULES: 'y', M: 'm' } },
    { MODULES: 'y', M: 'm', A: 'y', S: 'y' },
  ],
  [
    'before 6.11: one member, and in addition the symbols nested below it',
    'choice\n\tbool "c"\nconfig A\n\tbool "a"\nconfig X\n\tbool "x"\n\tdepends on A\nconfig Z\n\tbool "z"\n\tdepends on X\nconfig B\n\tbool "b"\nendchoice\n',
    { choicesAreMenus: false, set: { A: 'y', X: 'y', Z: 'y' } },
    { A: 'y', X: 'y', Z: 'y' },
  ],
]

const bases: readonly Row[] = [
  [
    'allnoconfig: n, but choices are set and numbers have defaults',
    `${boolChoice}config D\n\tbool "d"\n\tdefault y\nconfig I\n\tint "i"\n\tdefault 4\n`,
    { base: 'no' },
    { B: 'y', I: '4' },
  ],
  [
    'allnoconfig before 5.13: y for symbols with that option',
    'config A\n\tbool "a"\n\toption allnoconfig_y\nconfig B\n\tbool "b"\n',
    { base: 'no' },
    { A: 'y' },
  ],
  [
    'allmodconfig: m, or y for a bool',
    `${modules}config A\n\ttristate "a"\nconfig B\n\tbool "b"\n`,
    { base: 'mod' },
    { MODULES: 'y', A: 'm', B: 'y' },
  ],
  [
    'allmodconfig with a setting',
    `${modules}config A\n\ttristate "a"\nconfig B\n\ttristate "b"\n`,
    { base: 'mod', set: { A: 'n' } },
    { MODULES: 'y', B: 'm' },
  ],
  [
    'allmodconfig before 6.11: all members of a tristate choice',
    tristateChoice,
    { base: 'mod', choicesAreMenus: false },
    { MODULES: 'y', A: 'm', B: 'm' },
  ],
]

const macros: readonly Row[] = [
  [
    'a variable that is expanded on assignment',
    'a := 1\nb := $(a)\na := 2\nconfig A\n\tstring\n\tdefault "$(b)"\n',
    {},
    { A: '1' },
  ],
  [
    'a variable that is expanded on use',
    'a = 1\nb = $(a)\na = 2\nconfig A\n\tstring\n\tdefault "$(b)"\n',
    {},
    { A: '2' },
  ],
  ['appended text', 'a := 1\na += 2\nconfig A\n\tstring\n\tdefault "$(a)"\n', {}, { A: '1 2' }],
  ['a function', 'both = $(1)-$(2)$(3)\nconfig A\n\tstring\n\tdefault "$(both,x,y)"\n', {}, { A: 'x-y' }],
  [
    'a computed name',
    'x-y := z\nn := y\nconfig A\n\tstring\n\tdefault "$(x-$(n))"\n',
    {},
    { A: 'z' },
  ],
  [
    'the environment',
    'config A\n\tstring\n\tdefault "$(ARCH)$(NONE)"\n',
    { environment: { ARCH: 'powerpc' } },
    { A: 'powerpc' },
  ],
  [
    'a name that starts like a keyword',
    'if-success = $(2)\nconfig A\n\tdef_bool $(if-success,x,y,n)\n',
    {},
    { A: 'y' },
  ],
  ['a lone dollar sign', 'config A\n\tstring\n\tdefault "a$b"\n', {}, { A: 'a$b' }],
  [
    'a message function, which expands to nothing',
    '$(error-if,n,bad)\n$(warning-if,y,odd)\nconfig A\n\tdef_bool y\n',
    {},
    { A: 'y' },
  ],
]

describe.each([
  ['a symbol has', defaults],
  ['a tristate is', tristates],
  ['symbols affect each other:', relations],
  ['a number or text is', numbers],
  ['a condition may be', conditions],
  ['files may have', blocks],
  ['of a choice is set', choices],
  ['a base is', bases],
  ['a macro is', macros],
])('%s', (_what, rows) => {
  it.each(rows)('%s', async (_title, files, options, values) => {
    expect(await valuesOf(files, options)).toEqual(values)
  })
})
