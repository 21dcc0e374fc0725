// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Clang, findClangIfAny } from '@pfo-workbench/clang'
import { wholeKernelProfile } from '@pfo-workbench/kbuild'
import { openKernelTree, withTexts, type KernelTree } from '@pfo-workbench/kernel-tree'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileKernel } from '../src/build/compile-kernel.ts'
import { configureKernel, type UnpatchedKernel } from '../src/build/kernel.ts'
import { TreeFiles } from '../src/build/tree-files.ts'

const compiler = await findClangIfAny({ env: process.env })
if (compiler === null) console.info('A header that hides another one is left out: there is no clang')

const source = 'drivers/of/base.c'
/** A tree of one C file. */
const files = {
  Makefile: 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\nEXTRAVERSION =\nobj-y += drivers/\n',
  Kconfig:
    'config PPC64\n\tdef_bool y\nconfig CPU_LITTLE_ENDIAN\n\tdef_bool y\nconfig HZ\n\tint\n\tdefault 250\n',
  'drivers/Makefile': 'obj-y += of/\n',
  'drivers/of/Makefile': 'obj-y += base.o\n',
  'include/linux/kconfig.h': '',
  'include/linux/compiler_types.h': '',
  'include/linux/compiler-version.h': '',
  'include/uapi/linux/answer.h': '#define ANSWER 41\n',
  [source]: '#include <linux/answer.h>\nint answer = ANSWER;\n',
}

describe.runIf(compiler !== null)('a header that comes before another one of its name', () => {
  let folder = ''
  let clang: Clang

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pfo-hidden-header-'))
    if (compiler !== null) clang = new Clang(compiler)
  })
  afterAll(async () => {
    await clang.dispose()
    rmSync(folder, { recursive: true, force: true })
  })

  interface Made {
    /** The header that the object is made from. */
    readonly header: string | undefined
    /** The number in that header. */
    readonly answer: number | undefined
  }
  function madeFrom({ kernel }: UnpatchedKernel): Made {
    const { headers, object } = kernel.files.get(source) ?? {}
    return { header: headers?.find((path) => path.endsWith('answer.h')), answer: object?.bytes[0] }
  }

  /** Compiles a tree; each test has a cache of its own. */
  async function compileTree(name: string, of: KernelTree, base?: UnpatchedKernel): Promise<UnpatchedKernel> {
    const cacheFolder = join(folder, name, 'cache')
    const makings = { clang, cacheFolder, request: wholeKernelProfile('powerpc64le') }
    const configured = await configureKernel(of, makings)
    const files = base?.files ?? new TreeFiles(of)
    const options = { ...makings, ...(base === undefined ? { files } : { base }) }
    return { ...configured, files, kernel: await compileKernel(configured.configuredTree, options) }
  }

  function write(name: string, path: string, text: string): void {
    mkdirSync(dirname(join(folder, name, 'tree', path)), { recursive: true })
    writeFileSync(join(folder, name, 'tree', path), text)
  }

  async function openNew(name: string): Promise<KernelTree> {
    return openKernelTree(join(folder, name, 'tree'), { cacheFolder: join(folder, name, 'cache') })
  }

  const hidden = { header: 'include/uapi/linux/answer.h', answer: 41 }
  const hiding = { header: 'include/linux/answer.h', answer: 42 }

  it('is compiled if a patch adds it, whatever the cache has', async () => {
    for (const [path, text] of Object.entries(files)) write('patch', path, text)
    const tree = await openNew('patch')
    const patched = withTexts(tree, new Map([[hiding.header, '#define ANSWER 42\n']]))
    const compile = async (of: KernelTree, base?: UnpatchedKernel): Promise<UnpatchedKernel> =>
      compileTree('patch', of, base)

    const unpatched = await compile(tree)
    expect(madeFrom(unpatched)).toEqual(hidden)
    expect(madeFrom(await compile(patched, unpatched))).toEqual(hiding)
    // The cache now has both objects.
    expect(madeFrom(await compile(patched))).toEqual(hiding)
    expect(madeFrom(await compile(tree))).toEqual(hidden)
    expect(madeFrom(await compile(patched, await compile(tree)))).toEqual(hiding)
    await tree.dispose()
  })

  it.each([
    ['angle brackets', '<linux/answer.h>', hiding.header],
    ['quotation marks', '"linux/answer.h"', hiding.header],
    ['quotation marks, in the folder of the file', '"linux/answer.h"', 'drivers/of/linux/answer.h'],
    ['a path', '"../linux/answer.h"', 'drivers/linux/answer.h'],
  ])('is compiled if the tree of the next command has it: %s', async (name, spelled, header) => {
    for (const [path, text] of Object.entries(files)) write(name, path, text)
    // The third include folder, `include`, leads to it.
    write(name, 'linux/answer.h', '#define ANSWER 41\n')
    write(name, source, `#include ${spelled}\nint answer = ANSWER;\n`)
    const compile = async (): Promise<Made> => {
      const tree = await openNew(name)
      const kernel = await compileTree(name, tree)
      await tree.dispose()
      return madeFrom(kernel)
    }
    const first = await compile()
    expect(first.answer).toBe(41)
    write(name, header, '#define ANSWER 42\n')
    expect(await compile()).toEqual({ header, answer: 42 })
    rmSync(join(folder, name, 'tree', header))
    expect(await compile()).toEqual(first)
    write(name, header, '#define ANSWER 43\n')
    expect(await compile()).toEqual({ header, answer: 43 })
  })
})
