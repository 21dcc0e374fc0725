// SPDX-License-Identifier: GPL-2.0-only
import type { ComparedFinding } from './compare.ts'

/**
 * Recognises faults that a patch moves from one file to another together with their function. Such a fault is fixed in
 * one file and introduced in the other; it is reported once, as kept, where it is after the patch.
 *
 * @param files - the findings of each file of the patch.
 */
export function withMovedFaults(
  files: readonly (readonly ComparedFinding[])[],
): readonly ComparedFinding[][] {
  const all = files.map((findings) => [...findings])
  for (const [to, findings] of all.entries()) {
    for (const [i, finding] of findings.entries()) {
      if (finding.status !== 'introduced') continue
      const isMoved = (other: ComparedFinding): boolean =>
        other.status === 'fixed' && other.entry === finding.entry && other.faultKey === finding.faultKey
      const from = all.findIndex((others, at) => at !== to && others.some(isMoved))
      if (from < 0) continue
      all[from]?.splice(all[from].findIndex(isMoved), 1)
      findings[i] = { ...finding, status: 'kept' }
    }
  }
  return all
}
