// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  beginOpening,
  missingPath,
  openKernelTree,
  readText,
  withTexts,
  type KernelTree,
} from '../src/index.ts'
import { contentOf, makeFolder, makefile, sample, writeFiles } from './support/sample.ts'

const open = async (argument: string): Promise<KernelTree> =>
  openKernelTree(argument, { cacheFolder: join(makeFolder(), 'cache') })

describe('a folder without git', () => {
  it('is read in place; its title has version and folder name', async () => {
    const folder = writeFiles(makeFolder(), sample)
    const before = contentOf(folder)
    const tree = await open(folder)
    expect(tree).toMatchObject({ title: `6.1.7 (${basename(folder)})`, commit: null, notes: [] })
    expect(await readText(tree, 'drivers/of/base.c')).toBe('int base;\n')
    expect(await tree.list('drivers')).toEqual(['Makefile', 'of/'])
    expect(await tree.mounts(['drivers/of/base.c'])).toEqual([{ path: '', from: folder }])
    await tree.dispose()
    expect(contentOf(folder)).toEqual(before)
  })

  it('may be named by a folder in it', async () => {
    const folder = writeFiles(makeFolder(), sample)
    const tree = await open(join(folder, 'drivers/of'))
    expect(await readText(tree, 'kernel/fork.c')).toBe('int fork_it;\n')
  })

  it('changes its id only when a file changes in size or time', async () => {
    const folder = writeFiles(makeFolder(), sample)
    const first = (await open(folder)).id
    expect((await open(folder)).id).toBe(first)
    utimesSync(join(folder, 'kernel/fork.c'), 1, 1)
    const second = (await open(folder)).id
    expect(second).not.toBe(first)
    writeFiles(folder, { 'lib/new.c': '' })
    expect((await open(folder)).id).not.toBe(second)
  })

  it('has the same id if opening it was begun before, and later changes are noticed', async () => {
    const folder = writeFiles(makeFolder(), sample)
    const { id } = await open(folder)
    beginOpening(folder)
    expect((await open(folder)).id).toBe(id)
    utimesSync(join(folder, 'kernel/fork.c'), 1, 1)
    expect((await open(folder)).id).not.toBe(id)
  })

  it('may be missing when opening it is begun', () => {
    expect(() => {
      beginOpening(join(makeFolder(), 'missing'))
    }).not.toThrow()
  })

  it.each([
    '../x',
    '/etc/passwd',
    'drivers/../Makefile',
    'drivers//Makefile',
    './Makefile',
    '',
    'drivers',
    'a\0b',
  ])('has no file %j', async (path) => {
    const tree = await open(writeFiles(makeFolder(), sample))
    expect(await tree.read(path)).toBeNull()
  })

  it('does not follow a link that leads out of it, and hides such a link from the compiler', async () => {
    const folder = writeFiles(makeFolder(), sample)
    const outside = writeFiles(makeFolder(), { 'secret.h': 'secret' })
    symlinkSync(join(outside, 'secret.h'), join(folder, 'include/linux/secret.h'))
    symlinkSync(outside, join(folder, 'include/outside'))
    symlinkSync('../kernel/fork.c', join(folder, 'drivers/inside.c'))
    const tree = await open(folder)
    expect(await tree.read('include/linux/secret.h')).toBeNull()
    expect(await tree.read('include/outside/secret.h')).toBeNull()
    expect(await tree.list('include/outside')).toEqual([])
    expect(await readText(tree, 'drivers/inside.c')).toBe('int fork_it;\n')
    expect(await tree.mounts([])).toEqual([
      { path: 'include/linux/secret.h', from: missingPath },
      { path: 'include/outside', from: missingPath },
      { path: '', from: folder },
    ])
    expect(existsSync(missingPath)).toBe(false)
  })

  it('does not block on a named pipe', async () => {
    const folder = writeFiles(makeFolder(), sample)
    execFileSync('mkfifo', [join(folder, 'kernel/pipe.c')])
    const tree = await open(folder)
    expect(await tree.read('kernel/pipe.c')).toBeNull()
  })

  it('has no commits', async () => {
    const folder = writeFiles(makeFolder(), sample)
    await expect(open(`${folder}@v6.1`)).rejects.toMatchObject({
      code: 'argument',
      message: `${folder} is not a git repository, so it has no commit v6.1`,
    })
  })

  it('is refused if it has no kernel, or an old one', async () => {
    const empty = makeFolder()
    mkdirSync(join(empty, 'drivers'))
    await expect(open(empty)).rejects.toMatchObject({ code: 'not-a-kernel' })
    writeFileSync(join(empty, 'Makefile'), 'all:\n')
    await expect(open(empty)).rejects.toThrow('it has no Makefile with VERSION and PATCHLEVEL')
    writeFileSync(join(empty, 'Makefile'), makefile('4.17.3'))
    await expect(open(empty)).rejects.toMatchObject({ code: 'too-old' })
  })
})

describe('texts on top of a tree', () => {
  const patched = async (texts: Record<string, string | null>): Promise<KernelTree> =>
    withTexts(await open(writeFiles(makeFolder(), sample)), new Map(Object.entries(texts)))

  it('replace, add and remove files', async () => {
    const tree = await patched({
      'drivers/of/base.c': 'new',
      'drivers/x/y.c': 'y',
      'drivers/of/dynamic.c': null,
    })
    expect(await readText(tree, 'drivers/of/base.c')).toBe('new')
    expect(await readText(tree, 'drivers/x/y.c')).toBe('y')
    expect(await tree.read('drivers/of/dynamic.c')).toBeNull()
    expect(await tree.list('drivers')).toEqual(['Makefile', 'of/', 'x/'])
    expect(await tree.list('drivers/of')).toEqual(['base.c'])
    expect(await tree.list('drivers/x')).toEqual(['y.c'])
  })

  it('stack: later texts win', async () => {
    const tree = withTexts(await patched({ a: '1', b: '1' }), new Map([['a', '2']]))
    expect([await readText(tree, 'a'), await readText(tree, 'b')]).toEqual(['2', '1'])
    expect([...tree.texts]).toEqual([
      ['a', '2'],
      ['b', '1'],
    ])
  })

  it('may change the version, but not to an old kernel', async () => {
    expect((await patched({ Makefile: makefile('6.6.0-rc1') })).version.text).toBe('6.6.0-rc1')
    await expect(patched({ Makefile: makefile('2.6.32') })).rejects.toMatchObject({ code: 'too-old' })
    await expect(patched({ Makefile: null })).rejects.toMatchObject({ code: 'not-a-kernel' })
  })

  it.each(['../x', '/x', '.git/config', ''])('are refused at %j', async (path) => {
    await expect(patched({ [path]: '' })).rejects.toThrow(RangeError)
  })
})
