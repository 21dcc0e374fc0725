// SPDX-License-Identifier: GPL-2.0-only
import { Clang, ClangError, findClang } from '@pfo-workbench/clang'

/** What tests on a real kernel need. */
export interface RealKernel {
  /** The tree that PFO_KERNEL names. */
  readonly folder: string
  readonly clang: Clang
}

/** Null where there is no clang, or PFO_KERNEL names no tree: then the tests are left out, which is said. */
export async function findRealKernel(): Promise<RealKernel | null> {
  const folder = process.env['PFO_KERNEL'] ?? ''
  const compiler = await findClang({ env: process.env }).catch((fault: unknown): null => {
    if (!(fault instanceof ClangError)) throw fault
    return null
  })
  if (folder !== '' && compiler !== null) return { folder, clang: new Clang(compiler) }
  const why = compiler === null ? 'there is no clang' : 'PFO_KERNEL names no tree'
  console.info(`Tests of the C engine on a real kernel are left out: ${why}`)
  return null
}
