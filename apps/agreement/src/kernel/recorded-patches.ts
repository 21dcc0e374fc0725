// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AnchorError, edited, portProposal, type Edit } from '@pfo-workbench/engine-c'
import { readText, withTexts, type KernelTree } from '@pfo-workbench/kernel-tree'
import { applyPatch, explainResult, kernelPaths, parseSeries, PatchError } from '@pfo-workbench/patch'

/** A patch that a recording names is missing or does not apply. */
export class RecordedPatchError extends Error {
  override readonly name = 'RecordedPatchError'
}

/** Names of the unpatched kernel in recordings. */
const unpatched: ReadonlySet<string> = new Set(['base', 'stock'])

/**
 * Returns the patched tree for recordings of a variant.
 *
 * @param variant - `base`, `stock`, or ids of patches joined by `+`
 * @param patches - folder with the patches; null for patches that the workbench generates for this tree
 * @throws RecordedPatchError if a patch is missing, cannot be read, or does not apply
 */
export async function treeOfVariant(
  variant: string,
  tree: KernelTree,
  patches: string | null,
): Promise<KernelTree> {
  if (unpatched.has(variant)) return tree
  let patched = tree
  for (const id of variant.split('+')) {
    patched =
      patches === null
        ? await withOwnPatch(patched, id)
        : await withPatch(patched, join(patches, `${id}.patch`))
  }
  return patched
}

async function withPatch(tree: KernelTree, file: string): Promise<KernelTree> {
  let patched = tree
  for (const patch of readPatches(file)) {
    const current = patched
    const result = await applyPatch(patch, { read: async (path) => readText(current, path) })
    if (result.state !== 'applied')
      throw new RecordedPatchError(explainResult(result, file) ?? `${file}: ${result.state}`)
    patched = withTexts(current, result.changed)
  }
  return patched
}

function readPatches(file: string): ReturnType<typeof parseSeries>['patches'] {
  try {
    return parseSeries(readFileSync(file), { source: file, paths: kernelPaths }).patches
  } catch (fault) {
    if (fault instanceof PatchError) throw new RecordedPatchError(fault.message)
    if (fault instanceof Error && 'code' in fault)
      throw new RecordedPatchError(`${file} cannot be read: ${String(fault.code)}`)
    throw fault
  }
}

/** Applies a generated patch: a shipped proposal, or `unfixed`, which restores the behavior before v5.16. */
async function withOwnPatch(tree: KernelTree, id: string): Promise<KernelTree> {
  if (id === 'unfixed') return unfixed(tree)
  const port = await portProposal(id, tree)
  if (port?.status === 'fits') return withTexts(tree, port.texts)
  const why = port === null ? 'no shipped proposal with this id has a C version' : port.why
  throw new RecordedPatchError(`the patch ${id}: ${why}; --patches names a folder with ${id}.patch`)
}

const mobility = 'arch/powerpc/platforms/pseries/mobility.c'

/** Edits that revert 319fa1a52e43 (v5.16), so that migrations no longer ignore the facilities. */
const unfixing: readonly Edit[] = [
  {
    place: 'instead',
    at: {
      function: 'delete_dt_node',
      statement: /\tpdn = of_get_parent\(dn\);\n(?:.*\n)*?\tof_node_put\(pdn\);\n/,
    },
    lines: '',
  },
  {
    place: 'instead',
    at: { function: 'delete_dt_node', statement: /\tif \(is_platfac\) \{\n(?:.*\n)*?\t\}\n/ },
    lines: '',
  },
  {
    place: 'instead',
    at: { function: 'delete_dt_node', statement: /\tstruct device_node \*pdn;\n\tbool is_platfac;\n/ },
    lines: '',
  },
  {
    place: 'instead',
    at: {
      function: 'add_dt_node',
      statement: /\tif \(of_node_is_type\(dn, "ibm,platform-facilities"\)\) \{\n(?:.*\n)*?\t\}\n/,
    },
    lines: '',
  },
]

async function unfixed(tree: KernelTree): Promise<KernelTree> {
  const text = await readText(tree, mobility)
  try {
    return withTexts(tree, new Map([[mobility, unfixing.reduce(edited, text ?? '')]]))
  } catch (fault) {
    if (!(fault instanceof AnchorError)) throw fault
    throw new RecordedPatchError(`${mobility} of this tree does not ignore the facilities: ${fault.message}`)
  }
}
