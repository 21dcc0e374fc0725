// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding, type FindingOf } from '@pfo-workbench/oracle'
import { objectOfFinding } from './finding-objects.ts'
import type { ObjectLife } from '../play/examined-schema.ts'
import type { Judgeable } from './judgeable.ts'
import { putsOf } from './handed-over.ts'
import { maskOf } from './masks.ts'
import {
  balanceOf,
  endsAgree,
  hasNeverFewer,
  keptBy,
  lacksReference,
  lifeOf,
  sum,
  theftsOf,
  type Theft,
} from './open-references.ts'
import { droppable, newlyKept } from './owed-references.ts'

type Leak = FindingOf<'reference-held'>

const isLeak = (finding: Finding): finding is Leak => finding.kind === 'reference-held'

/** A finding with the occurrences of another one. */
function countedAs({ steps: _, ...finding }: Leak, { count, steps }: Leak): Leak {
  return { ...finding, count, ...(steps === undefined ? {} : { steps }) }
}

/** The leaks of a run, by object. */
function leaksOf({ lives = [] }: Judgeable, findings: readonly Finding[]): Map<string, Leak[]> {
  const leaks = new Map<string, Leak[]>()
  for (const finding of findings.filter(isLeak)) {
    const object = objectOfFinding(finding, lives)?.object
    if (object !== undefined) leaks.set(object, [...(leaks.get(object) ?? []), finding])
  }
  return leaks
}

/** A leak with more references than on the other kernel. */
interface Difference {
  readonly leak: Leak
  /** The same leak on the other kernel. */
  readonly same: Leak | undefined
  /** Number of references that the other kernel does not leak. */
  readonly count: number
}

function differences(leaks: readonly Leak[], others: readonly Leak[]): Difference[] {
  return leaks.flatMap((leak) => {
    const same = others.find((one) => findingKey(one) === findingKey(leak))
    const count = leak.count - (same?.count ?? 0)
    return count > 0 ? [{ leak, same, count }] : []
  })
}

/** The findings of a variant. A leak that the unpatched kernel has too gets the name that it has there. */
export interface RenamedFindings {
  readonly findings: readonly Finding[]
  /**
   * Leaks of the unpatched kernel that the variant shows only under other names; for each, one of the variant's leaks.
   */
  readonly hidden: ReadonlyMap<Finding, Finding>
  /** Leaks of the variant that the unpatched kernel has too, and the theft that masks each of them there. */
  readonly masked: ReadonlyMap<Finding, Finding>
}

/**
 * True if the leaks of the variant can be counted against those of the unpatched kernel. No reference may be missing on
 * the variant. If none is missing on the unpatched kernel either, the ends of both must agree. Otherwise the end of the
 * unpatched kernel proves nothing. Then no reference may be stolen on the variant, so that all references that its
 * functions hold are still there.
 */
function endComparable(unpatched: Judgeable, variant: Judgeable, object: string): boolean {
  if (lacksReference(variant, object)) return false
  if (lacksReference(unpatched, object)) return theftsOf(variant, object).length === 0
  return endsAgree(unpatched, variant, object)
}

/**
 * The thefts of the unpatched kernel that mask a leak which the variant has under another name. On the unpatched
 * kernel, the robbed function does not drop the stolen references, and none of its references is handed over. In the
 * variant, a hand-over of its references is at most a guess, and the function takes at least as many references and
 * drops no more. The variant shows neither the theft nor the leak.
 */
function maskingThefts(unpatched: Judgeable, variant: Judgeable, object: string): Theft[] {
  if (!endComparable(unpatched, variant, object)) return []
  const shown = new Set(variant.findings.map(findingKey))
  const handOversOf = (run: Judgeable) => lifeOf(run, object)?.handOvers ?? []
  const handOvers = [...handOversOf(unpatched), ...handOversOf(variant).filter(({ certain }) => certain)]
  return theftsOf(unpatched, object).filter((theft) => {
    const { owner } = theft.data
    const [then, now] = [balanceOf(unpatched, object, owner), balanceOf(variant, object, owner)]
    return (
      [findingKey(theft), ...(theft.masks ?? [])].every((key) => !shown.has(key)) &&
      handOvers.every(({ taker }) => taker !== owner) &&
      Math.min(then.lost, keptBy(then)) >= theft.count &&
      now.taken >= then.taken &&
      now.dropped <= then.dropped
    )
  })
}

/**
 * True if the leaking functions of a variant took their references before the puts that dropped references of other
 * functions. References are alike, so each put of a hand-over may have dropped any of them, but none that was taken
 * later.
 *
 * @param surplus - leaks of the variant that may have other names on the unpatched kernel
 * @param missing - the leaks of the unpatched kernel whose references were dropped in the variant
 * @param handed - findings of the variant that look like thefts but are hand-overs
 */
function mayBeInterchanged(
  surplus: readonly Difference[],
  missing: readonly Difference[],
  handed: readonly Theft[],
  unpatched: ObjectLife | undefined,
  variant: ObjectLife,
): boolean {
  const leaking = new Set(surplus.map(({ leak }) => leak.data.holder))
  const gets = newlyKept(unpatched, { holders: variant.holders.filter(({ by }) => leaking.has(by)) })
  const { handOvers } = variant
  const ofMissing = missing.flatMap(({ leak, count }) =>
    handOvers.filter(({ taker }) => taker === leak.data.holder).slice(-count),
  )
  const others = handOvers.filter((one) => !ofMissing.includes(one)).map(({ get }) => get)
  const named = new Set([...leaking, ...missing.map(({ leak }) => leak.data.holder)])
  const own = handed.filter(({ data }) => named.has(data.owner))
  const puts = [...handOvers.map(({ put }) => put), ...own.flatMap(putsOf)]
  return droppable([...others, ...gets], puts) === puts.length
}

/**
 * Finds leaks that have another name only because references on an object are all alike. If several references are
 * open, and a function drops one that it did not take, it is unknown which one. A leak of the variant is a leak of the
 * unpatched kernel under three conditions. First, both kernels end with the same number of open references, apart from
 * those that functions no longer lose. Second, the function that the unpatched kernel's leak names takes at least as
 * many references as there, and drops no more: it still leaks, so the put was for the reference of the other function.
 * Third, the other function took its reference before that put, and the object never has fewer references.
 * A reference that has an owner by convention is not affected, because its owner is known. For a leak that a theft
 * masks on the unpatched kernel, only the first two conditions apply. If a counter dropped too low there, only the
 * second one applies, and the variant may have no theft on the object.
 *
 * @param handed - findings of the variant that look like thefts but are hand-overs
 */
export function renamedLeaks(
  unpatched: Judgeable,
  variant: Judgeable,
  handed: ReadonlySet<Finding>,
): RenamedFindings {
  const findings = variant.findings.filter((one) => !handed.has(one))
  const handedOverLeaks = new Set([...handed].flatMap(({ masks = [] }) => masks))
  const hidden = new Map<Finding, Finding>()
  const behind = new Map<Finding, Finding>()
  const replaced = new Map<Finding, Leak | null>()
  const others = leaksOf(unpatched, unpatched.findings)
  for (const [object, own] of leaksOf(variant, findings)) {
    const before = others.get(object) ?? []
    const surplus = differences(own, before).filter(
      ({ leak, count }) => maskOf(leak, count, unpatched, variant) === undefined,
    )
    if (surplus.some(({ leak }) => balanceOf(variant, object, leak.data.holder).lost === 0)) continue
    const missing = differences(before, own).filter(({ leak }) => {
      const then = balanceOf(unpatched, object, leak.data.holder)
      const isGuess = then.lost > 0 || handedOverLeaks.has(findingKey(leak))
      const now = balanceOf(variant, object, leak.data.holder)
      return isGuess && now.taken >= then.taken && now.dropped <= then.dropped
    })
    const [first] = surplus
    if (first === undefined) continue
    const shown = { ...variant, findings }
    if (missing.length === 0) {
      const thefts = maskingThefts(unpatched, shown, object)
      const [theft] = thefts
      if (theft !== undefined && sum(surplus) <= sum(thefts))
        for (const { leak } of surplus) behind.set(leak, theft)
      continue
    }
    if (!endsAgree(unpatched, shown, object)) continue
    if (sum(surplus) > sum(missing)) continue
    const now = lifeOf(variant, object)
    const thefts = theftsOf({ ...variant, findings: [...handed] }, object)
    if (now === undefined || !hasNeverFewer(unpatched, variant, object)) continue
    if (!mayBeInterchanged(surplus, missing, thefts, lifeOf(unpatched, object), now)) continue
    for (const { leak, same } of surplus)
      replaced.set(leak, same === undefined ? null : countedAs(leak, same))
    for (const { leak, same } of missing) {
      if (same === undefined) hidden.set(leak, first.leak)
      else replaced.set(same, countedAs(same, leak))
    }
  }
  return {
    findings: findings.flatMap((one) => replaced.get(one) ?? (replaced.has(one) ? [] : [one])),
    hidden,
    masked: behind,
  }
}
