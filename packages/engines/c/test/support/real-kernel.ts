// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clang, findClangIfAny } from '@pfo-workbench/clang'
import { openKernelTree, type KernelTree } from '@pfo-workbench/kernel-tree'
import type { WebAssemblyApi } from '@pfo-workbench/machine'
import type { Boot } from '@pfo-workbench/play'
import { afterAll } from 'vitest'
import { bootOf, makeKernelImage, type KernelImage } from '../../src/index.ts'

/** What tests on a real kernel need. */
export interface RealKernel {
  /** What PFO_KERNEL says. */
  readonly folder: string
  /** The tree that it names. */
  readonly tree: KernelTree
  readonly clang: Clang
  /** Objects are kept here; PFO_TEST_CACHE keeps them from one run of the tests to the next. */
  readonly cacheFolder: string
}

/**
 * Null where there is no clang, or PFO_KERNEL names no tree: then the tests are left out, which is said. Everything is disposed of
 * after the tests of the file.
 *
 * @param what - is left out, as the beginning of a sentence
 */
export async function findRealKernel(what: string): Promise<RealKernel | null> {
  const folder = process.env['PFO_KERNEL'] ?? ''
  const compiler = await findClangIfAny({ env: process.env })
  if (folder === '' || compiler === null) {
    const why = compiler === null ? 'there is no clang' : 'PFO_KERNEL names no tree'
    console.info(`${what} left out: ${why}`)
    return null
  }
  const scratch = mkdtempSync(join(tmpdir(), 'pfo-engine-c-'))
  const cacheFolder = process.env['PFO_TEST_CACHE'] ?? scratch
  const [tree, clang] = [await openKernelTree(folder, { cacheFolder }), new Clang(compiler)]
  afterAll(async () => {
    clang.dispose()
    await tree.dispose()
    rmSync(scratch, { recursive: true, force: true })
  })
  return { folder, tree, clang, cacheFolder }
}

/** The realm's own WebAssembly: Node's types of imports are narrower than what the machine needs of them. */
export const realm = WebAssembly as unknown as WebAssemblyApi

/** The kernel of a tree. @throws Error with clang's messages if it is not to be made */
export async function imageOf(
  tree: KernelTree,
  { clang, cacheFolder }: Pick<RealKernel, 'clang' | 'cacheFolder'>,
): Promise<Extract<KernelImage, { readonly status: 'ok' }>> {
  const made = await makeKernelImage(tree, { clang, cacheFolder })
  if (made.status !== 'ok') throw new Error(made.failed.map(({ diagnostics }) => diagnostics).join('\n'))
  return made
}

/** Boots the kernel of a tree. */
export async function bootTree(
  tree: KernelTree,
  makings: Pick<RealKernel, 'clang' | 'cacheFolder'>,
): Promise<Boot> {
  const { image, release } = await imageOf(tree, makings)
  return bootOf({ image, release, webAssembly: realm })
}
