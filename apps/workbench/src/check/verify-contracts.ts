// SPDX-License-Identifier: GPL-2.0-only
import { contractsWith, type Checker, type ContractFile, type VerifiedFile } from '@pfo-workbench/check'
import { readText, type KernelTree } from '@pfo-workbench/kernel-tree'
import { Pool } from '@pfo-workbench/process'
import type { Progress } from '../progress.ts'
import { filesBelow } from './files-to-check.ts'

/** Where functions with shipped contracts are defined. */
const definingFolders = ['drivers/of', 'drivers/base']

/** What is verified, and with what. */
interface Verification {
  readonly tree: KernelTree
  readonly checker: Checker
  /** Files and folders of the tree; none: where the shipped contracts' functions are defined. */
  readonly paths: readonly string[]
  readonly contracts: readonly ContractFile[]
  readonly jobs: number
  readonly progress: Progress
}

/** Holds the functions of a tree that have a contract against it, in files that define such functions. */
export async function verifyContracts(given: Verification): Promise<VerifiedFile[]> {
  const { tree, checker, contracts, jobs, progress } = given
  const names = [...contractsWith(contracts).functions().keys()]
  // A definition begins its line, as the kernel's style has it; a prototype of many lines does no harm here.
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

/** Whether a function does not do what its contract says. */
export function hasDifference({ functions }: VerifiedFile): boolean {
  return functions.some(({ differences }) => differences.length > 0)
}
