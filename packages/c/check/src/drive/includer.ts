// SPDX-License-Identifier: GPL-2.0-only
import { posix } from 'node:path'
import { readText, type KernelTree } from '@pfo-workbench/kernel-tree'

/**
 * Returns the first C file in the same folder that includes a file by name, or null. No makefile names `ehci-ppc-of.c`;
 * it is compiled only as part of `ehci-hcd.c`. Headers can only be compiled in this way.
 */
export async function includerOf(tree: KernelTree, path: string): Promise<string | null> {
  const folder = posix.dirname(path)
  const name = posix.basename(path)
  const including = new RegExp(
    String.raw`^\s*#\s*include\s+"${name.replaceAll(/[^\w-]/g, String.raw`\$&`)}"`,
    'm',
  )
  for (const other of await tree.list(folder)) {
    if (!other.endsWith('.c') || other === name) continue
    const text = await readText(tree, `${folder}/${other}`)
    if (text !== null && including.test(text)) return `${folder}/${other}`
  }
  return null
}
