// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clang, findClangIfAny, type Compiler } from '@pfo-workbench/clang'
import { bootOf, makeKernelImage, type KernelImageOptions } from '@pfo-workbench/engine-c'
import { openKernelTree, type KernelTree } from '@pfo-workbench/kernel-tree'
import type { Boot } from '@pfo-workbench/play'
import { afterAll } from 'vitest'

/** What tests on a real kernel need. */
export interface RealKernel {
  /** The tree that PFO_KERNEL names. */
  readonly tree: KernelTree
  readonly compiler: Compiler
  /** Objects are kept here; PFO_TEST_CACHE keeps them from one run of the tests to the next. */
  readonly cacheFolder: string
}

/**
 * Null where there is no clang, or PFO_KERNEL names no tree of a wanted version: then the tests are left out, which is said. The tree
 * is disposed of after the tests of the file.
 *
 * @param what - is left out, as the beginning of a sentence
 * @param version - such as `6.1`; any without it
 */
export async function findRealKernel(what: string, version?: string): Promise<RealKernel | null> {
  const argument = process.env['PFO_KERNEL'] ?? ''
  const compiler = await findClangIfAny({ env: process.env })
  const leftOut = (why: string): null => {
    console.info(`${what} left out: ${why}`)
    return null
  }
  if (compiler === null) return leftOut('there is no clang')
  if (argument === '') return leftOut('PFO_KERNEL names no tree')
  const folder = mkdtempSync(join(tmpdir(), 'pfo-agreement-'))
  const cacheFolder = process.env['PFO_TEST_CACHE'] ?? folder
  const tree = await openKernelTree(argument, { cacheFolder })
  afterAll(async () => {
    await tree.dispose()
    rmSync(folder, { recursive: true, force: true })
  })
  const { major, minor } = tree.version
  if (version !== undefined && version !== `${String(major)}.${String(minor)}`)
    return leftOut(`PFO_KERNEL names no tree of v${version}`)
  return { tree, compiler, cacheFolder }
}

/** Boots the kernel of a tree. @throws Error with clang's messages if it is not to be made */
export async function bootTree(
  tree: KernelTree,
  { compiler, cacheFolder }: RealKernel,
  parts: Pick<KernelImageOptions, 'source' | 'roots'> = {},
): Promise<Boot> {
  const clang = new Clang(compiler)
  const made = await makeKernelImage(tree, { clang, cacheFolder, ...parts })
  clang.dispose()
  if (made.status !== 'ok') throw new Error(made.failed[0]?.diagnostics)
  const { image, release } = made
  return bootOf({ image, release, webAssembly: WebAssembly })
}
