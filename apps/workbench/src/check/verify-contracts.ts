// SPDX-License-Identifier: GPL-2.0-only
import { contractsWith, type Checker, type ContractFile, type VerifiedFile } from '@pfo-workbench/check'
import { readText, type KernelTree } from '@pfo-workbench/kernel-tree'
import { Pool } from '@pfo-workbench/process'
import type { Progress } from '../progress.ts'
import { filesBelow } from './files-to-check.ts'

/** Folders that define the functions with shipped contracts. */
const definingFolders = ['drivers/of', 'drivers/base']

/** Input and tools of a verification. */
interface Verification {
  readonly tree: KernelTree
  readonly checker: Checker
  /** Files and folders of the tree; if empty, the folders that define the functions with shipped contracts. */
  readonly paths: readonly string[]
  readonly contracts: readonly ContractFile[]
  readonly jobs: number
  readonly progress: Progress
}

/** Verifies the contracts of functions against the tree's own definitions of these functions. */
export async function verifyContracts(given: Verification): Promise<VerifiedFile[]> {
  const { tree, checker, contracts, jobs, progress } = given
  const names = [...contractsWith(contracts).functions().keys()]
  // In kernel style a definition starts at the beginning of a line. A match with a multi-line prototype is harmless: it
  // only selects one more file.
  const defining = new RegExp(`^(?!\\s|#)[^;=]*?\\b(?:${names.join('|')})\\s*\\(`, 'm')
  const files: string[] = []
  for (const path of given.paths.length > 0 ? given.paths : definingFolders) {
    const found = path.endsWith('.c') ? [path] : await filesBelow(tree, path.replace(/\/+$/, ''))
    for (const file of found) if (defining.test((await readText(tree, file)) ?? '')) files.push(file)
  }
  const pool = new Pool(jobs + 1)
  let done = 0
  return Promise.all(
    files.sort().map(async (file) =>
      pool.run(async () => {
        progress.show({ variant: file, doing: 'compiling and executing', done, total: files.length })
        const verified = await checker.verifyFile(file)
        done++
        return verified
      }),
    ),
  )
}

/** True if a function does not behave as its contract says. */
export function breaksContract({ functions }: VerifiedFile): boolean {
  return functions.some(({ differences }) => differences.length > 0)
}
