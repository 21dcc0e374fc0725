// SPDX-License-Identifier: GPL-2.0-only
import type { Finding, FindingOf } from '@pfo-workbench/oracle'
import { objectOfFinding } from './about.ts'
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
function lacksReference({ findings, lives = [] }: Judgeable, object: string): boolean {
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

/**
 * Pairs leaks that differ only because of a hand-over. Of several equal references on an object, one was handed over.
 * If another one leaks instead, it is the same leak as on the unpatched kernel.
 *
 * @param thefts - hand-overs that look like thefts
 * @returns leaks of the variant, each with the equal leak of the unpatched kernel
 */
export function renamedLeaks(
  thefts: ReadonlySet<Finding>,
  unpatched: readonly Finding[],
  variant: readonly Finding[],
): ReadonlyMap<Finding, Finding> {
  const pairs = new Map<Finding, Finding>()
  for (const theft of thefts) {
    const before = unpatched.find((one) => theft.masks?.includes(`${one.oracle} ${one.subject}`))
    if (before?.kind !== 'reference-held' || [...pairs.values()].includes(before)) continue
    const object = before.subject.slice(0, before.subject.indexOf(' held by '))
    const now = variant.find(
      (one) => one.kind === before.kind && one.subject.startsWith(`${object} held by `) && !pairs.has(one),
    )
    if (now !== undefined) pairs.set(now, before)
  }
  return pairs
}
