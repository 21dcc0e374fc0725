// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openKernelTree, type KernelTree } from '@pfo-workbench/kernel-tree'
import { onTestFinished } from 'vitest'
import { ConfiguredTree, configure, type ConfigurationRequest, type Placement } from '../../src/index.ts'

/** Creates an empty folder, which is removed after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pfo-kbuild-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

export const topMakefile = (version: string): string => {
  const [major = '', minor = '', patch = ''] = version.split('.')
  return `VERSION = ${major}\nPATCHLEVEL = ${minor}\nSUBLEVEL = ${patch}\nEXTRAVERSION =\nKBUILD_CFLAGS := -std=gnu11 -fno-common\n`
}

/** Kconfig of a little-endian powerpc. */
export const powerpcKconfig =
  'config PPC64\n\tdef_bool y\nconfig CPU_LITTLE_ENDIAN\n\tdef_bool y\nconfig HZ\n\tint\n\tdefault 250\n'

/** Creates a tree with these files on disk. If no Makefile is given, the version is 6.12. */
export async function treeOf(files: Readonly<Record<string, string>>): Promise<KernelTree> {
  const folder = makeFolder()
  for (const [path, text] of Object.entries({
    Makefile: topMakefile('6.12.1'),
    Kconfig: powerpcKconfig,
    ...files,
  })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return openKernelTree(folder, { cacheFolder: makeFolder() })
}

export const little: ConfigurationRequest = { architecture: 'powerpc64le', base: 'default', set: new Map() }

/** Creates the build of a tree with these symbols set, regardless of dependencies. */
export async function buildOf(
  tree: KernelTree,
  forced: Readonly<Record<string, string>> = {},
): Promise<ConfiguredTree> {
  const options = { cacheFolder: makeFolder(), clang: 190107 }
  const configuration = await configure(tree, { ...little, forced: new Map(Object.entries(forced)) }, options)
  return ConfiguredTree.create(tree, configuration, {
    ...options,
    compiler: 'none',
    compileConstants: async () => Promise.resolve({ status: 'ok', ir: '' }),
  })
}

/** Place of a file in the build if these symbols are set. */
export async function placementIn(
  files: Readonly<Record<string, string>>,
  path: string,
  set: Readonly<Record<string, string>> = {},
): Promise<Placement> {
  const symbols = Object.keys(set).map((name) => `config ${name}\n\ttristate\n`)
  const tree = await treeOf({ Kconfig: powerpcKconfig + symbols.join(''), ...files })
  return (await buildOf(tree, set)).placementOf(path)
}
