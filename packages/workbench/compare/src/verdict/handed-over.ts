// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import { objectOfFinding } from './finding-objects.ts'
import type { Position } from '../play/examined-schema.ts'
import type { Judgeable } from './judgeable.ts'
import {
  endsAgree,
  hasNeverFewer,
  isFreed,
  lacksReference,
  lifeOf,
  theftsOf,
  type Theft,
} from './open-references.ts'
import { droppable, newlyKept } from './owed-references.ts'

/** The puts of a theft. */
export const putsOf = ({ evidence, step }: Theft): Position[] =>
  evidence.flatMap(({ kind, seq }) => (kind === 'dropped' && seq !== undefined ? [{ seq, step }] : []))

/** True if a run freed an object, and no function dropped a reference that it did not hold. */
function hasFreed(run: Judgeable, object: string): boolean {
  return isFreed(run, object) && theftsOf(run, object).length === 0
}

/** Number of references that a function takes on a node in a step. */
function takenIn({ story }: Judgeable, object: string, by: string, step: number): number {
  const points = story?.counts.find(({ node }) => node === object)?.points ?? []
  return points.filter((one) => one.by === by && one.step === step && one.change > 0).length
}

/**
 * The references that functions of the variant may leave to others: their gets without a put that the unpatched kernel
 * does not have. If the unpatched kernel frees the object, all gets without a put count. Otherwise, a function whose
 * references have an owner by convention leaves none to others, with one exception: it takes references in the same
 * step on the unpatched kernel, and the patches make it take more in this step.
 */
function leftToOthers(object: string, unpatched: Judgeable, variant: Judgeable): Position[] {
  const holders = lifeOf(variant, object)?.holders ?? []
  if (hasFreed(unpatched, object)) return newlyKept(undefined, { holders })
  const takesOneMore = (by: string, step: number): boolean => {
    const taken = takenIn(unpatched, object, by, step)
    return taken > 0 && takenIn(variant, object, by, step) > taken
  }
  return holders.flatMap((holder) =>
    newlyKept(lifeOf(unpatched, object), { holders: [holder] }).filter(
      ({ step }) => holder.lost > 0 || takesOneMore(holder.by, step),
    ),
  )
}

/**
 * Returns the new thefts on an object if they are hand-overs; otherwise none. Two kinds of hand-overs look like thefts.
 * Either a function stores a reference in a slot or structure, and the owner of the slot or structure drops the
 * reference. Or a function takes one more reference, and another function drops it, although that function also takes
 * references of its own. Thefts count as hand-overs under these conditions:
 *
 * - For each theft, a function left a reference to others before the theft. References are alike, so another hand-over
 *   may have dropped the reference of this function.
 * - After each step, the object has at least as many references as on the unpatched kernel, apart from references that
 *   functions no longer lose.
 * - Without these thefts, the object ends with as many open references as on the unpatched kernel, again apart from
 *   references that functions no longer lose.
 * - No reference is missing on either kernel. If one is missing on the unpatched kernel, the surplus drop that removed
 *   it explains the thefts, and equal ends prove nothing.
 */
function handOversOn(object: string, unpatched: Judgeable, variant: Judgeable): readonly Finding[] {
  const now = lifeOf(variant, object)
  if (now === undefined || lacksReference(variant, object) || lacksReference(unpatched, object)) return []
  const keys = new Set(unpatched.findings.map(findingKey))
  const thefts = theftsOf(variant, object).filter((theft) => !keys.has(findingKey(theft)))
  const gets = leftToOthers(object, unpatched, variant)
  const puts = [...now.handOvers.map(({ put }) => put), ...thefts.flatMap(putsOf)]
  if (droppable([...now.handOvers.map(({ get }) => get), ...gets], puts) < puts.length) return []
  if (!hasNeverFewer(unpatched, variant, object)) return []
  const findings = variant.findings.filter((finding) => !thefts.some((theft) => theft === finding))
  return endsAgree(unpatched, { ...variant, findings }, object) ? thefts : []
}

/**
 * The findings of a variant that report stolen references but are hand-overs (`handOversOn`).
 */
export function theftsThatAreHandOvers(unpatched: Judgeable, variant: Judgeable): ReadonlySet<Finding> {
  const { findings, lives = [] } = variant
  const robbed = new Set(
    findings
      .filter(({ kind }) => kind === 'stolen-reference')
      .flatMap((theft) => objectOfFinding(theft, lives)?.object ?? []),
  )
  return new Set([...robbed].flatMap((object) => handOversOn(object, unpatched, variant)))
}

/** The findings of a variant. Stolen references that are hand-overs mask nothing. */
export function withoutMasksOfHandOvers(unpatched: Judgeable, variant: Judgeable): readonly Finding[] {
  const handed = theftsThatAreHandOvers(unpatched, variant)
  return variant.findings.map((finding) => (handed.has(finding) ? { ...finding, masks: [] } : finding))
}
