// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clang, findClangIfAny, type Compiler } from '@pfo-workbench/clang'
import { bootOf, makeKernelImage, type KernelImageOptions } from '@pfo-workbench/engine-c'
import { openKernelTree, type KernelTree } from '@pfo-workbench/kernel-tree'
import type { Boot } from '@pfo-workbench/play'
import { afterAll } from 'vitest'

/** Resources for tests on a real kernel. */
export interface RealKernel {
  /** The kernel tree that PFO_KERNEL names. */
  readonly tree: KernelTree
  readonly compiler: Compiler
  /** Cache of compiled objects. Set PFO_TEST_CACHE to keep it between test runs. */
  readonly cacheFolder: string
}

/**
 * Returns null if clang is missing or PFO_KERNEL does not name a tree of the wanted version. The tests are then
 * skipped, with a message. The tree is disposed of after the tests of the file.
 *
 * @param what - the skipped tests, as the beginning of a sentence
 * @param version - for example `6.1`; any version if absent
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

/** Boots the kernel of a tree. @throws Error with clang's messages if the kernel cannot be built */
export async function bootTree(
  tree: KernelTree,
  { compiler, cacheFolder }: RealKernel,
  parts: Pick<KernelImageOptions, 'source' | 'roots'> = {},
): Promise<Boot> {
  const clang = new Clang(compiler)
  const made = await makeKernelImage(tree, { clang, cacheFolder, ...parts })
  await clang.dispose()
  if (made.status !== 'ok') throw new Error(made.failed[0]?.diagnostics)
  const { image, release } = made
  return bootOf({ image, release, webAssembly: WebAssembly })
}
