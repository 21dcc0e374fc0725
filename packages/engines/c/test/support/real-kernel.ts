// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clang, findClangIfAny } from '@pfo-workbench/clang'
import { openKernelTree, type KernelTree } from '@pfo-workbench/kernel-tree'
import type { WebAssemblyApi } from '@pfo-workbench/machine'
import type { Boot } from '@pfo-workbench/play'
import { afterAll } from 'vitest'
import { bootOf, makeKernelImage, type KernelImage, type KernelImageOptions } from '../../src/index.ts'

/** Resources for tests on a real kernel. */
export interface RealKernel {
  /** The value of PFO_KERNEL. */
  readonly folder: string
  /** The tree in that folder. */
  readonly tree: KernelTree
  readonly clang: Clang
  /** Cache folder for objects. PFO_TEST_CACHE keeps it between test runs. */
  readonly cacheFolder: string
}

/**
 * Returns null without clang, or if PFO_KERNEL names no tree. The tests are then skipped with a notice. Disposes of
 * everything after the tests of the file.
 *
 * @param what - the skipped tests, as the beginning of a sentence
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
    await clang.dispose()
    await tree.dispose()
    rmSync(scratch, { recursive: true, force: true })
  })
  return { folder, tree, clang, cacheFolder }
}

/** The realm's own WebAssembly. Node's import types are narrower than the machine needs. */
export const realm = WebAssembly as unknown as WebAssemblyApi

/** Builds the kernel of a tree. @throws Error with clang's messages if that fails */
export async function imageOf(
  tree: KernelTree,
  options: Pick<KernelImageOptions, 'clang' | 'cacheFolder' | 'request'>,
): Promise<Extract<KernelImage, { readonly status: 'ok' }>> {
  const made = await makeKernelImage(tree, options)
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
