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
 * The references of a variant that functions may leave to others: they do not keep them on the unpatched kernel, or
 * that kernel frees the object instead. A function whose references have an owner by convention leaves none to others,
 * unless it takes one in the same step on the unpatched kernel, and the patches make it take more.
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
 * The new thefts on an object if they are hand-overs. A function stores a reference in a slot or structure, and its
 * owner drops it; or a function takes a reference more, and another one drops it, which also takes references of its
 * own. For each theft, a function must have left a reference to others before the theft. References are alike, so
 * another hand-over may have dropped the reference of this function, if the object never has fewer references than on
 * the unpatched kernel. Without these thefts, the object must end with as many open references as on the unpatched
 * kernel, apart from those that functions no longer lose. No reference may be missing on either kernel. If one is
 * missing on the unpatched kernel, the surplus drop that caused it explains the thefts, and equal ends prove nothing.
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
 * The stolen references of a variant that are hand-overs: the unpatched kernel does not have them, and the final counts
 * agree.
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
