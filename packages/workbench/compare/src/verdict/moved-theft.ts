// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import type { CallChain } from '@pfo-workbench/run'
import { objectOfFinding } from './finding-objects.ts'
import type { ObjectLife } from '../play/examined-schema.ts'
import type { Judgeable } from './judgeable.ts'
import { countIn } from './masks.ts'
import { balanceOf, findingsOn, keptBy, lifeOf, sum, theftsOf, type Theft } from './open-references.ts'
import { isSurplusDrop } from './same-bug.ts'

type Runs = Readonly<Record<'unpatched' | 'variant', Judgeable>>

/** True if a finding reports that a function dropped a reference too many. */
function isSurplusDropBy(dropper: string, finding: Finding, life: ObjectLife | undefined): boolean {
  if (finding.kind === 'stolen-reference') return finding.data.dropper === dropper
  const functions = new Set(life?.holders.map(({ by }) => by))
  // The innermost function that holds references made the put. Its helpers hold none.
  const dropperIn = (chain: CallChain) => chain.find((frame) => functions.has(frame.function))?.function
  return isSurplusDrop(finding) && finding.evidence.some(({ chain }) => dropperIn(chain) === dropper)
}

/**
 * Finds the effects that thefts of the unpatched kernel have on the variant, if the variant does not show these thefts.
 * The dropper may still make the surplus drop, but the drop removes another reference, or no reference is left. Then
 * the patches did not mend the drop. They only took away the reference that the drop removes on the unpatched kernel.
 *
 * Each theft that the variant also shows, and each drop that the dropper no longer makes, accounts for one theft of the
 * dropper. A finding of the variant accounts for as many thefts as it has occurrences beyond those of the unpatched
 * kernel.
 *
 * @param gone - findings of the unpatched kernel that the variant does not show
 * @returns by theft: the finding of the variant that the same drop causes
 */
export function movedThefts(gone: readonly Finding[], { unpatched, variant }: Runs): Map<Finding, Finding> {
  const moved = new Map<Finding, Finding>()
  const explained = new Map<string, number>()
  const used = new Map<Finding, number>()
  for (const theft of gone) {
    if (theft.kind !== 'stolen-reference') continue
    const object = objectOfFinding(theft, unpatched.lives ?? [])?.object
    if (object === undefined) continue
    const { dropper } = theft.data
    const key = `${dropper} ${object}`
    const left = explained.get(key) ?? remaining(dropper, object, { unpatched, variant })
    const unused = (one: Finding): number => one.count - countIn(unpatched, one) - (used.get(one) ?? 0)
    const symptoms = findingsOn(variant, object).filter(
      (one) => isSurplusDropBy(dropper, one, lifeOf(variant, object)) && unused(one) > 0,
    )
    const [symptom] = symptoms
    if (symptom === undefined || sum(symptoms.map((one) => ({ count: unused(one) }))) < theft.count) continue
    if (left < theft.count) continue
    explained.set(key, left - theft.count)
    let open = theft.count
    for (const one of symptoms) {
      const count = Math.min(open, unused(one))
      used.set(one, (used.get(one) ?? 0) + count)
      open -= count
    }
    moved.set(theft, symptom)
  }
  return moved
}

/** Number of thefts of a dropper that the variant does not show although the dropper still makes the drops. */
function remaining(dropper: string, object: string, { unpatched, variant }: Runs): number {
  const byDropper = (run: Judgeable): Theft[] =>
    theftsOf(run, object).filter(({ data }) => data.dropper === dropper)
  const [then, now] = [balanceOf(unpatched, object, dropper), balanceOf(variant, object, dropper)]
  const fewer = keptBy(now) - keptBy(then)
  const before = byDropper(unpatched)
  const shown = before.map((theft) => ({ count: Math.min(theft.count, countIn(variant, theft)) }))
  return sum(before) - Math.max(0, fewer) - sum(shown)
}
