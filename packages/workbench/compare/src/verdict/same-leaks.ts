// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding, type FindingOf } from '@pfo-workbench/oracle'
import type { Holder } from '../play/examined-schema.ts'
import { objectOfFinding } from './finding-objects.ts'
import { lacksReference } from './handed-over.ts'
import type { Judgeable } from './judgeable.ts'
import { maskOf } from './masks.ts'

type Leak = FindingOf<'reference-held'>
type Theft = FindingOf<'stolen-reference'>

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

/** The numbers of gets and puts of a function on an object. */
function balanceOf({ lives = [] }: Judgeable, object: string, by: string): Omit<Holder, 'by' | 'droppedIn'> {
  const life = lives.find((one) => one.object === object)
  return life?.holders.find((one) => one.by === by) ?? { taken: 0, dropped: 0, lost: 0 }
}

const sum = (counts: readonly { readonly count: number }[]): number =>
  counts.reduce((total, { count }) => total + count, 0)

/**
 * The references that an object should have at the end: its count and those that were stolen. With the place of the
 * object, as a text.
 *
 * @returns null for an object that is no node
 */
function openAtEnd(run: Judgeable, object: string): string | null {
  const node = run.story?.trees.after.find((one) => one.node === object)
  if (node === undefined) return null
  const stolen = theftsOf(run, object)
  return JSON.stringify([node.inTree, (node.life === 'allocated' ? node.refcount : 0) + sum(stolen)])
}

/** More or fewer references in a leak than on the other kernel. */
interface Difference {
  readonly leak: Leak
  /** The same leak on the other kernel. */
  readonly same: Leak | undefined
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
export interface Renamed {
  readonly findings: readonly Finding[]
  /**
   * Leaks of the unpatched kernel that the variant shows only under other names; for each, one of the variant's leaks.
   */
  readonly hidden: ReadonlyMap<Finding, Finding>
  /** Leaks of the variant that the unpatched kernel has too, and the theft that masks each of them there. */
  readonly masked: ReadonlyMap<Finding, Finding>
}

/** The thefts of a run on an object. */
function theftsOf({ findings, lives = [] }: Judgeable, object: string): Theft[] {
  return findings.filter(
    (one): one is Theft => one.kind === 'stolen-reference' && objectOfFinding(one, lives)?.object === object,
  )
}

/**
 * True if the leaks of the variant can be counted against those of the unpatched kernel: no reference is missing on
 * either, and both end with the same number of open references. If one is missing on the unpatched kernel, its end proves
 * nothing. Then no reference may be missing or stolen on the variant, so that all that its functions hold are still there.
 */
function endComparable(unpatched: Judgeable, variant: Judgeable, object: string): boolean {
  if (lacksReference(variant, object)) return false
  if (lacksReference(unpatched, object)) return theftsOf(variant, object).length === 0
  const open = openAtEnd(variant, object)
  return open !== null && open === openAtEnd(unpatched, object)
}

/**
 * The thefts of the unpatched kernel that mask a leak which the variant has under another name. The function that was
 * robbed never drops its reference, and no other function drops it. In the variant, it is a guess if another function
 * drops it, and it takes as many references there and drops no more. The variant shows neither theft nor leak.
 */
function maskingThefts(unpatched: Judgeable, variant: Judgeable, object: string): Theft[] {
  if (!endComparable(unpatched, variant, object)) return []
  const shown = new Set(variant.findings.map(findingKey))
  const handOversOf = ({ lives = [] }: Judgeable) =>
    lives.find((one) => one.object === object)?.handOvers ?? []
  const handOvers = [...handOversOf(unpatched), ...handOversOf(variant).filter(({ certain }) => certain)]
  return theftsOf(unpatched, object).filter((theft) => {
    const { owner } = theft.data
    const [then, now] = [balanceOf(unpatched, object, owner), balanceOf(variant, object, owner)]
    return (
      [findingKey(theft), ...(theft.masks ?? [])].every((key) => !shown.has(key)) &&
      handOvers.every(({ taker }) => taker !== owner) &&
      Math.min(then.lost, then.taken - then.dropped) >= theft.count &&
      now.taken >= then.taken &&
      now.dropped <= then.dropped
    )
  })
}

/**
 * Finds leaks that have another name only because references on an object are all alike. If several references are
 * open, and a function drops one that it did not take, it is unknown which one. A leak of the variant is a leak of the
 * unpatched kernel under two conditions. First, both kernels end with the same number of open references. Second, the
 * function that the unpatched kernel's leak names takes at least as many references as there, and drops no more: it
 * still leaks, so the put was for the reference of the other function. A reference that has an owner by convention is
 * not affected, because its owner is known. The same conditions hold for a leak that a theft masks on the unpatched
 * kernel, except for the first if a counter dropped too low there.
 *
 * @param handed - findings of the variant that look like thefts but are hand-overs
 */
export function renamedLeaks(
  unpatched: Judgeable,
  variant: Judgeable,
  handed: ReadonlySet<Finding>,
): Renamed {
  const findings = variant.findings.filter((one) => !handed.has(one))
  const handedOver = new Set([...handed].flatMap(({ masks = [] }) => masks))
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
      const isGuess = then.lost > 0 || handedOver.has(findingKey(leak))
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
    const open = openAtEnd(shown, object)
    if (open === null || open !== openAtEnd(unpatched, object)) continue
    if (sum(surplus) > sum(missing)) continue
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
