// SPDX-License-Identifier: GPL-2.0-only
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { objectPackages } from '@pfo-workbench/engine-c'
import { codeIdentity } from '@pfo-workbench/code'
import { afterAll, expect, it } from 'vitest'
import { manifestOf, root, workspaceFolders } from './support/workspace.ts'

const copy = mkdtempSync(join(tmpdir(), 'pfo-cache-keys-'))
afterAll(() => {
  rmSync(copy, { recursive: true })
})

/** Copies of all packages with only package.json and one source file; maps package names to folders. */
const folders = new Map(
  workspaceFolders
    .filter((folder) => folder.startsWith('packages/'))
    .map((folder): [string, string] => {
      const { name } = manifestOf(folder)
      const dir = join(copy, folder)
      mkdirSync(join(dir, 'src'), { recursive: true })
      cpSync(join(root, folder, 'package.json'), join(dir, 'package.json'))
      writeFileSync(join(dir, 'src/index.ts'), '')
      mkdirSync(join(copy, 'node_modules', dirname(name)), { recursive: true })
      symlinkSync(dir, join(copy, 'node_modules', name))
      return [name.replace('@pfo-workbench/', ''), dir]
    }),
)

const folderOf = (name: string): string => {
  const folder = folders.get(name)
  if (folder === undefined) throw new Error(`there is no package ${name}`)
  return folder
}

/** The engines. Their code is part of the key. */
const engines = workspaceFolders
  .filter((folder) => folder.startsWith('packages/engines/'))
  .map((folder) => manifestOf(folder).name.replace('@pfo-workbench/', ''))

/** Keys of cached results: identities of the code that `compare` uses and of each engine. */
const keys = (): string => ['compare', ...engines].map((name) => codeIdentity(folderOf(name))).join()

/** The part of the key of a compiled C file that identifies the workbench's code. */
const objectKey = (): string =>
  objectPackages.map((name) => codeIdentity(folderOf(name.replace('@pfo-workbench/', '')))).join()

/** True if a new file in the package changes a key. */
function changes(name: string, key = keys): boolean {
  const before = key()
  const planted = join(folderOf(name), 'src/planted.ts')
  writeFileSync(planted, 'export const planted = 1\n')
  const after = key()
  rmSync(planted)
  return after !== before
}

it.each([
  ...['input', 'run', 'play', 'patch', 'variant', 'oracle', 'compare', 'engine-models'],
  ...['kernel', 'of', 'powervm', 'pseries', 'vio', 'nx-842', 'nx-crypto', 'pseries-rng'],
])('a cached result becomes stale when a file is added to %s', (name) => {
  expect(changes(name)).toBe(true)
})

/** Packages that do not affect cached results. */
const without = ['report', 'scenario', 'conformance', 'testing', 'check']

it.each(without)(
  'a cached result stays valid when a file is added to %s, which does not affect results',
  (name) => {
    expect(changes(name)).toBe(false)
  },
)

it('each package is in one of the two lists', () => {
  const others = [...folders.keys()].filter((name) => !without.includes(name))
  expect(others.filter((name) => !changes(name))).toEqual([])
})

it.each(['clang', 'ir', 'object', 'process'])(
  'a compiled C file is of no use any more when a file comes to %s',
  (name) => {
    expect(changes(name, objectKey)).toBe(true)
  },
)

it.each(['image', 'machine', 'host', 'engine-c', 'kbuild'])(
  'a compiled C file is still of use when a file comes to %s, which has no part in it',
  (name) => {
    expect(changes(name, objectKey)).toBe(false)
  },
)

it.each(['check', 'clang', 'ir', 'kbuild', 'kernel-tree', 'process'])(
  'a result of pfo check becomes stale when a file is added to %s',
  (name) => {
    expect(changes(name, () => codeIdentity(folderOf('check')))).toBe(true)
  },
)

it.each(['kbuild', 'kernel-tree'])(
  'a configuration and generated headers become stale when a file is added to %s',
  (name) => {
    expect(changes(name, () => codeIdentity(folderOf('kbuild')))).toBe(true)
  },
)
