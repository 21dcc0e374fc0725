// SPDX-License-Identifier: GPL-2.0-only
import { contractsWith, type ContractFile } from '@pfo-workbench/check'
import { readText, type KernelTree } from '@pfo-workbench/kernel-tree'
import { UsageError } from '../usage-error.ts'

/**
 * Returns the C files to check, sorted. A named file is always checked. In a named folder, only those files are checked
 * that call a function with a contract about references, or that iterate over nodes or children.
 *
 * @throws UsageError for a path that is not in the tree, a file that is not C, or a folder without C files
 */
export async function filesToCheck(
  tree: KernelTree,
  paths: readonly string[],
  contracts: readonly ContractFile[],
): Promise<string[]> {
  const table = contractsWith(contracts)
  const names = [...table.functions().keys()].filter((name) => table.counts(name))
  const counting = new RegExp(`\\b(?:${names.join('|')}|for_each_\\w*node\\w*|for_each_\\w*child\\w*)\\s*\\(`)
  const files = new Set<string>()
  for (const given of paths) {
    const path = given.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '')
    if ((await tree.read(path)) !== null) {
      if (!path.endsWith('.c'))
        throw new UsageError(`--file ${given}: only C files (*.c) and folders are checked`)
      files.add(path)
      continue
    }
    const found = await filesBelow(tree, path)
    if (found.length === 0) {
      throw new UsageError(`--file ${given}: the tree has no such file, and no C file below such a folder`)
    }
    for (const file of found) {
      if (counting.test((await readText(tree, file)) ?? '')) files.add(file)
    }
  }
  return [...files].sort()
}

/** The C files below a folder of the tree; empty if there is no such folder. */
export async function filesBelow(tree: KernelTree, folder: string): Promise<string[]> {
  const found: string[] = []
  for (const name of await tree.list(folder)) {
    const path = `${folder}/${name}`
    if (name.endsWith('/')) found.push(...(await filesBelow(tree, path.slice(0, -1))))
    else if (name.endsWith('.c')) found.push(path)
  }
  return found
}
