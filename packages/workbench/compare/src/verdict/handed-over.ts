// SPDX-License-Identifier: GPL-2.0-only
import type { Finding, FindingOf } from '@pfo-workbench/oracle'
import { objectOfFinding } from './finding-objects.ts'
import type { Judgeable } from './judgeable.ts'

type Theft = FindingOf<'stolen-reference'>

/** The final state of an object: alive or not, in the tree or not, and its reference count while alive. */
function endOf({ story }: Judgeable, object: string): string | null {
  const node = story?.trees.after.find((one) => one.node === object)
  if (node === undefined) return null
  const alive = node.life === 'allocated'
  return JSON.stringify([alive, node.inTree, alive ? node.refcount : 0])
}

/** Findings showing that a reference was missing. */
const missing: ReadonlySet<Finding['kind']> = new Set<Finding['kind']>([
  'counter-fault',
  'bad-put',
  'touched-after-free',
  'freed-again',
  'node-freed',
])

/** True if a finding of the run shows that a reference on the object was missing. */
export function lacksReference({ findings, lives = [] }: Judgeable, object: string): boolean {
  return findings.some((one) => missing.has(one.kind) && objectOfFinding(one, lives)?.object === object)
}

/**
 * True if a reference that looks stolen was handed over: stored in a slot or structure, and dropped by its owner. Then
 * the object ends as on the unpatched kernel, with the same count, and no reference is missing on either kernel. If one
 * is missing on the unpatched kernel, the surplus drop that caused it explains the theft, and equal ends prove nothing.
 */
function isHandOver(theft: Theft, unpatched: Judgeable, variant: Judgeable): boolean {
  const object = objectOfFinding(theft, variant.lives ?? [])?.object
  if (object === undefined) return false
  const end = endOf(variant, object)
  if (end === null || end !== endOf(unpatched, object)) return false
  return !lacksReference(variant, object) && !lacksReference(unpatched, object)
}

/**
 * The stolen references of a variant that are hand-overs: the unpatched kernel does not have them, and the final counts
 * agree.
 */
export function handedOver(unpatched: Judgeable, variant: Judgeable): ReadonlySet<Finding> {
  return new Set(
    variant.findings.filter(
      (finding) =>
        finding.kind === 'stolen-reference' &&
        !unpatched.findings.some((one) => one.kind === finding.kind && one.subject === finding.subject) &&
        isHandOver(finding, unpatched, variant),
    ),
  )
}

/** The run of a variant without the stolen references that are hand-overs. */
export function withoutHandOvers<Run extends Judgeable>(unpatched: Judgeable, variant: Run): Run {
  const handed = handedOver(unpatched, variant)
  return { ...variant, findings: variant.findings.filter((finding) => !handed.has(finding)) }
}
