// SPDX-License-Identifier: GPL-2.0-only
import { baselineId, baselineStack, stackOfFile, stackOfId, type Stack } from '@pfo-workbench/compare'
import { suggestion } from '@pfo-workbench/scenario'
import { UsageError } from './errors.ts'
import { patchFolder, shippedPatchIds } from './shipped.ts'

/**
 * The variant that a word on the command line means: `baseline`, shipped patches (`a`, `a+b`), or a patch file.
 *
 * @throws UsageError when it means none
 */
export function chooseVariant(word: string): Stack {
  if (word === baselineId) return baselineStack
  if (word.endsWith('.patch') || word.includes('/')) return stackOfFile(word)
  const known = shippedPatchIds()
  for (const id of word.split('+')) {
    if (known.includes(id)) continue
    const hint = suggestion(id, [...known, ...(word === id ? [baselineId] : [])])
    throw new UsageError(
      `there is no patch "${id}".${hint} Accepted: "${baselineId}", ids of shipped patches joined by "+" ("pfo list patches" names them), or a patch file`,
    )
  }
  return stackOfId(patchFolder, word)
}
