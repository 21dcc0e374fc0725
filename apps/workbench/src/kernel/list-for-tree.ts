// SPDX-License-Identifier: GPL-2.0-only
import { closureOf, hostFunctionStatuses, portedIds, portProposal } from '@pfo-workbench/engine-c'
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import { UsageError } from '../usage-error.ts'
import { formatStderrLine } from '../stderr-line.ts'
import { kernelCacheFolder, openTree } from './open-tree.ts'

/** A line of a list: a name and a description. */
type Row = readonly [name: string, what: string]

/** Lists the shipped proposals, with the reason for each that does not apply to a tree. */
async function patchRows(tree: KernelTree): Promise<Row[]> {
  const rows: Row[] = []
  for (const id of portedIds) {
    const port = await portProposal(id, tree)
    if (port?.status === 'fits') rows.push([id, port.subject])
    else if (port?.status === 'in-kernel') rows.push([id, `is in the kernel: ${port.why}`])
    else rows.push([id, `does not fit: ${port?.why ?? ''}`])
  }
  return rows
}

/** The files whose C runs, and the host functions. */
async function symbolRows(tree: KernelTree): Promise<Row[]> {
  const files = (await closureOf(tree)).map((path): Row => [path, 'C of the tree'])
  const functions = [...hostFunctionStatuses()].map(([name, { status }]): Row => [`${name}()`, status])
  return [...files, ...functions.sort(([a], [b]) => (a < b ? -1 : 1))]
}

const lists: Readonly<Record<string, (tree: KernelTree) => Promise<Row[]>>> = {
  patches: patchRows,
  symbols: symbolRows,
}

/**
 * Lists patches or symbols of a kernel tree, one per line.
 *
 * @param match - lists only names that contain this text
 * @throws UsageError for lists that are the same for all trees; KernelTreeError
 */
export async function listForTree(what: string, match: string, kernel: string): Promise<string> {
  const rowsOf = lists[what]
  if (rowsOf === undefined)
    throw new UsageError(
      `a list of ${what} is the same for all kernel trees: leave --kernel out. Accepted with it: ${Object.keys(lists).join(', ')}`,
    )
  const { tree, notes } = await openTree(kernel, [], kernelCacheFolder())
  try {
    for (const note of notes) process.stderr.write(formatStderrLine(note))
    const rows = (await rowsOf(tree)).filter(([name]) => name.includes(match))
    const width = Math.max(0, ...rows.map(([name]) => name.length))
    return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join('')
  } finally {
    await tree.dispose()
  }
}
