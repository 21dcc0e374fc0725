// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withTexts } from '@pfo-workbench/kernel-tree'
import {
  allModulesProfile,
  configure,
  configureFor,
  Explanations,
  KbuildError,
  parseDotConfig,
  platforms,
  userProfile,
  wholeKernelProfile,
} from '../src/index.ts'
import { printAutoconf, printDotConfig } from '../src/kconfig/dot-config.ts'
import { little, makeFolder, powerpcKconfig, treeOf } from './support/tree.ts'

const kconfig = `${powerpcKconfig}config A
	bool "a"
	depends on B
config B
	bool "b"
config S
	string "s"
	default "x\\"y"
config H
	hex
	default 10
config M
	tristate "m"
config MODULES
	def_bool y
	modules
`

describe('a configuration', () => {
  it('has values, refused symbols and both texts', async () => {
    const tree = await treeOf({ Kconfig: kconfig })
    const set = new Map([
      ['A', 'y'],
      ['M', 'm'],
      ['NONE', 'y'],
    ])
    const made = await configure(tree, { ...little, set }, { cacheFolder: makeFolder(), clang: 190107 })
    expect(made.refused).toEqual(['A', 'NONE'])
    expect(made.text).toContain('CONFIG_S="x\\"y"\n')
    expect(made.autoconf).toContain(
      '#define CONFIG_S "x\\"y"\n#define CONFIG_H 0x10\n#define CONFIG_M_MODULE 1\n',
    )
  })

  it('has forced values, regardless of dependencies', async () => {
    const tree = await treeOf({ Kconfig: kconfig })
    const forced = new Map([
      ['A', 'y'],
      ['HZ', 'n'],
      ['NO_SUCH_SYMBOL', 'y'],
    ])
    const made = await configure(tree, { ...little, forced }, { cacheFolder: makeFolder(), clang: 190107 })
    expect([made.values.get('A'), made.values.has('HZ')]).toEqual(['y', false])
    expect(made.forced).toEqual(['A', 'HZ'])
    const free = new Map([
      ['A', 'y'],
      ['B', 'y'],
    ])
    const again = await configure(
      tree,
      { ...little, set: free, forced },
      { cacheFolder: makeFolder(), clang: 1 },
    )
    expect([again.forced, again.refused]).toEqual([['HZ'], []])
  })

  it('is cached by tree, settings and texts of Kconfig files', async () => {
    const tree = await treeOf({ Kconfig: kconfig })
    const cacheFolder = makeFolder()
    const options = { cacheFolder, clang: 190107 }
    const kept = (): string[] => readdirSync(join(cacheFolder, 'configurations'))
    const first = await configure(tree, little, options)
    await configure(withTexts(tree, new Map([['drivers/x.c', 'int x;']])), little, options)
    expect(kept()).toHaveLength(1)
    const other = await configure(
      withTexts(tree, new Map([['Kconfig', `${kconfig}config Z\n\tdef_bool y\n`]])),
      little,
      options,
    )
    expect(other.values.get('Z')).toBe('y')
    await configure(tree, { ...little, set: new Map([['B', 'y']]) }, options)
    await configure(tree, little, { ...options, clang: 160006 })
    expect(kept()).toHaveLength(4)
    expect(await configure(tree, little, options)).toEqual(first)
  })

  it('whose cache file is damaged is computed again', async () => {
    const tree = await treeOf({ Kconfig: kconfig })
    const cacheFolder = makeFolder()
    const options = { cacheFolder, clang: 190107 }
    const first = await configure(tree, little, options)
    const [name = ''] = readdirSync(join(cacheFolder, 'configurations'))
    writeFileSync(join(cacheFolder, 'configurations', name), '{"values":[["A"')
    expect(await configure(tree, little, options)).toEqual(first)
  })

  it('for another architecture than the requested one is refused', async () => {
    const tree = await treeOf({
      Kconfig: 'config PPC64\n\tbool "64 bits"\nconfig PPC32\n\tdef_bool !PPC64\n',
    })
    const result = configure(
      tree,
      { ...little, set: new Map([['PPC64', 'n']]) },
      { cacheFolder: makeFolder(), clang: 1 },
    )
    await expect(result).rejects.toMatchObject({ code: 'architecture' })
  })
})

describe('profiles', () => {
  it('of the user have the architecture that the file names', () => {
    expect(
      userProfile('CONFIG_PPC64=y\nCONFIG_CPU_LITTLE_ENDIAN=y\n# CONFIG_X is not set\n', 'f'),
    ).toMatchObject({
      architecture: 'powerpc64le',
      base: 'default',
    })
    expect(userProfile('CONFIG_PPC64=y\r\n', 'f').architecture).toBe('powerpc64')
    expect(userProfile('CONFIG_PPC32=y\n', 'f').architecture).toBe('powerpc')
    expect(() => userProfile('CONFIG_X86_64=y\n', 'f')).toThrow(
      'the configuration is for x86_64; accepted: powerpc64le, powerpc64, powerpc, arm',
    )
    expect(() => userProfile('hello\n', 'my.txt')).toThrow('my.txt is not a kernel configuration')
  })

  it('let wishes override their own values', () => {
    expect(wholeKernelProfile('powerpc64le', new Map([['NR_CPUS', '8']])).set.get('NR_CPUS')).toBe('8')
    expect(wholeKernelProfile('powerpc64').set.get('CPU_BIG_ENDIAN')).toBe('y')
    expect(allModulesProfile('arm', new Map([['KASAN', 'y']])).set.get('KASAN')).toBe('y')
    expect(platforms.map((platform) => allModulesProfile(platform).base)).toEqual(platforms.map(() => 'mod'))
  })
})

describe('the text of a configuration', () => {
  const isString = (name: string): boolean => name.startsWith('S')
  it('survives printing and parsing', () => {
    const value = fc.string().filter((text) => !/[\r\n]/.test(text))
    const values = fc.dictionary(fc.stringMatching(/^S[A-Z]{1,4}$/), value)
    fc.assert(
      fc.property(values, (given) => {
        const map = new Map(Object.entries(given))
        expect(parseDotConfig(printDotConfig(map, isString))).toEqual(map)
        expect(printAutoconf(map, isString, () => false).split('\n')).toHaveLength(map.size + 1)
      }),
    )
  })

  it('may list symbols that are not set', () => {
    expect([...parseDotConfig('# CONFIG_A is not set\nCONFIG_B=m\n#CONFIG_C=y\nfoo\n')]).toEqual([
      ['A', 'n'],
      ['B', 'm'],
    ])
  })
})

describe('an unset symbol', () => {
  const files = {
    Kconfig: `${kconfig}config C
	bool "c"
	depends on A && (M || !B) && HZ = 250
config D
	bool
config E
	def_bool y
	depends on A
	select D
menu "m"
	depends on A
choice
	prompt "c"
	depends on B
config F
	bool "f"
endchoice
endmenu
`,
  }

  it.each([
    ['C', 'A'],
    ['D', 'to be selected by E'],
    ['F', 'A && B'],
    ['B', null],
    ['NONE', 'a definition: no Kconfig file has one'],
  ])('CONFIG_%s needs %j', async (symbol, unmet) => {
    const tree = await treeOf(files)
    const made = await configure(tree, little, { cacheFolder: makeFolder(), clang: 1 })
    const explanations = await Explanations.of(tree, made)
    expect(explanations.explain({ symbol, place: 'x' })).toEqual({ symbol, place: 'x', unmet })
  })

  it('is requested with its dependencies, over several rounds, so that a file is built', async () => {
    const tree = await treeOf({
      Kconfig: `${kconfig}config C\n\ttristate "c"\n\tdepends on A\n`,
      Kbuild: 'obj-y += drivers/\n',
      'drivers/Makefile': 'obj-$(CONFIG_C) += x.o\n',
    })
    const options = { cacheFolder: makeFolder(), clang: 1 }
    const made = await configureFor(tree, little, ['drivers/x.c'], options)
    expect(['A', 'B', 'C'].map((name) => made.values.get(name))).toEqual(['y', 'y', 'm'])
    const refused = { ...little, set: new Map([['B', 'n']]) }
    expect((await configureFor(tree, refused, ['drivers/x.c'], options)).values.has('C')).toBe(false)
  })

  it('cannot be explained if the Kconfig files of the tree are broken', async () => {
    const tree = await treeOf({ Kconfig: 'source "nope"\n' })
    await expect(configure(tree, little, { cacheFolder: makeFolder(), clang: 1 })).rejects.toThrow(
      KbuildError,
    )
  })
})
