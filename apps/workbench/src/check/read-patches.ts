// SPDX-License-Identifier: GPL-2.0-only
import type { CheckedPatch } from '@pfo-workbench/check'
import {
  kernelPaths,
  parseSeries,
  PatchError,
  type PatchErrorCode,
  type PatchSeries,
} from '@pfo-workbench/patch'
import { inputsOf, readInput } from '@pfo-workbench/patch/files'

/** Inputs to check together, or the result for an input that is refused. */
export type PatchInput =
  /** The parts of one series; each patch is applied on top of the previous ones. */
  | { readonly status: 'read'; readonly parts: readonly PatchSeries[] }
  | { readonly status: 'refused'; readonly result: CheckedPatch }

/** Error codes of inputs without a patch of their own. Such an input is skipped if there are other inputs. */
const withoutPatch: ReadonlySet<PatchErrorCode> = new Set(['empty', 'no-diff', 'cover-letter', 'quoted'])

/**
 * Reads the patches on a command line: files, mboxes, folders, standard input. Files that are numbered as consecutive
 * parts of a series (`[PATCH 1/3]`, `[PATCH 2/3]`) are one series; all others are independent of each other. If one of
 * several inputs is damaged, it becomes a result of its own, and the other inputs are still checked.
 *
 * @throws PatchError if the only input is refused, if no input has a patch, or if an input cannot be read
 */
export async function readPatches(paths: readonly string[]): Promise<PatchInput[]> {
  const names = (await Promise.all(paths.map(inputsOf))).flat()
  const read: PatchInput[] = []
  let firstFault: PatchError | null = null
  for (const name of names) {
    const bytes = await readInput(name)
    try {
      const series = parseSeries(bytes, { source: name === '-' ? 'stdin' : name, paths: kernelPaths })
      const last = read.at(-1)
      if (last?.status === 'read' && continues(last.parts, series))
        read[read.length - 1] = { status: 'read', parts: [...last.parts, series] }
      else read.push({ status: 'read', parts: [series] })
    } catch (fault) {
      if (!(fault instanceof PatchError) || names.length === 1) throw fault
      firstFault ??= fault
      if (!withoutPatch.has(fault.code)) read.push({ status: 'refused', result: refusal(name, fault) })
    }
  }
  if (read.length === 0 && firstFault !== null) throw firstFault
  return read
}

/** True if an input is a single patch with the next number of the same version of a series, by the same author. */
function continues(parts: readonly PatchSeries[], { patches: [next, ...more] }: PatchSeries): boolean {
  const last = parts.at(-1)?.patches.at(-1)
  if (last?.tag == null || next?.tag == null || more.length > 0) return false
  return (
    next.author === last.author &&
    next.tag.series === last.tag.series &&
    next.tag.total !== null &&
    next.tag.total === last.tag.total &&
    next.tag.number === (last.tag.number ?? 0) + 1
  )
}

function refusal(name: string, { message }: PatchError): CheckedPatch {
  return { id: name, title: name, state: 'conflict', reason: message, functions: [], findings: [] }
}
