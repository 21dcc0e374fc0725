// SPDX-License-Identifier: GPL-2.0-only
import type { Stack } from '@pfo-workbench/compare'
import { portedIds, portProposal, type CEngine } from '@pfo-workbench/engine-c'
import { suggestion } from '@pfo-workbench/input'
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import { UsageError } from '../usage-error.ts'
import { print } from '../output.ts'
import { formatStderrLine } from '../stderr-line.ts'
import { kernelCacheFolder, openTree } from './open-tree.ts'

/** Returns the shipped proposals that fit a kernel, as C patches. Reports the others on stderr, with reasons. */
export async function portedStacks(engine: CEngine): Promise<Stack[]> {
  const stacks: Stack[] = []
  for (const id of portedIds) {
    const port = await engine.proposal(id)
    if (port === null) continue
    if (port.status === 'fits') {
      const series = engine.readPatch(port.patch, `${id}.patch`)
      stacks.push({ id, title: port.subject, patches: [{ id, series }] })
    } else {
      const what = port.status === 'in-kernel' ? 'is in the kernel' : 'does not fit this kernel'
      process.stderr.write(formatStderrLine(`${id} ${what}: ${port.why}`))
    }
  }
  return stacks
}

/** @throws UsageError if there is no proposal with this id that has a form in C */
function checkPorted(id: string): void {
  if (portedIds.includes(id)) return
  throw new UsageError(
    `no proposal "${id}" has a form in C.${suggestion(id, portedIds)} There are ${portedIds.join(', ')}; files with C patches are accepted too`,
  )
}

/**
 * Returns a shipped proposal as a patch for the engine's kernel.
 *
 * @throws UsageError if the proposal does not exist or does not fit the kernel
 */
export async function portedPatch(engine: CEngine, id: string): Promise<Stack['patches'][number]> {
  checkPorted(id)
  const port = await engine.proposal(id)
  if (port?.status === 'fits') return { id, series: engine.readPatch(port.patch, `${id}.patch`) }
  throw new UsageError(`${id} is not for ${engine.kernel}: ${port?.why ?? ''}`)
}

/**
 * Returns a shipped proposal as a patch for a tree.
 *
 * @throws UsageError if the proposal does not exist or does not fit the tree
 */
export async function patchFor(id: string, tree: KernelTree): Promise<string> {
  checkPorted(id)
  const port = await portProposal(id, tree)
  if (port?.status === 'fits') return port.patch
  throw new UsageError(`${id} is not for ${tree.title}: ${port?.why ?? ''}`)
}

/**
 * `pfo port`: prints a shipped proposal as a C patch for a tree.
 *
 * @throws UsageError if the proposal does not exist or does not fit the tree
 * @throws KernelTreeError if the tree cannot be opened
 */
export async function portCommand(id: string, { kernel }: { readonly kernel: string }): Promise<void> {
  checkPorted(id)
  const { tree, notes } = await openTree(kernel, [], kernelCacheFolder())
  try {
    for (const note of notes) process.stderr.write(formatStderrLine(note))
    await print(await patchFor(id, tree))
  } finally {
    await tree.dispose()
  }
}
