// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import { ledTo } from '@pfo-workbench/run'
import type { Holder, ObjectLife, Position } from '../play/examined-schema.ts'
import { objectOfFinding, keyWithoutGeneration } from './finding-objects.ts'
import type { Judgeable } from './judgeable.ts'
import type { ChangedCode } from './changed-code.ts'
import { chainOf, type CellRuns } from './hidden-by-end.ts'
import { balanceOf, findingsOn, holderIn, keptBy, lifeOf } from './open-references.ts'
import { droppable, newlyLost, newSurplusPuts } from './owed-references.ts'
import type { HiddenBy } from './status.ts'

/** The holders of an object. Puts of references that were handed over count as those of the taker. */
function owners({ holders, handOvers }: ObjectLife): Holder[] {
  return holders.map((one) => {
    const handed = handOvers.filter(({ taker }) => taker === one.by).length
    const foreign = handOvers.filter(({ dropper }) => dropper === one.by).length
    return { ...one, dropped: one.dropped + handed - foreign }
  })
}

/**
 * Compares the reference balance of an object.
 *
 * A function may drop more references than on the unpatched kernel if other functions take as many more before, and
 * leave these references to it. This is assumed only of a function that also takes references. For a function that
 * takes none, the ledger already knows whose references it drops.
 *
 * @returns the functions that no longer lose references; null if a function drops more or takes fewer than on the
 * unpatched kernel, beyond the number that it lost there, and no references that were left to it explain this
 */
function mendedHolders(unpatched: ObjectLife, variant: ObjectLife): string[] | null {
  const mended: string[] = []
  const puts: Position[] = []
  const [ofUnpatched, ofVariant] = [owners(unpatched), owners(variant)]
  for (const by of new Set([...ofUnpatched, ...ofVariant].map((one) => one.by))) {
    const [before, now] = [holderIn(ofUnpatched, by), holderIn(ofVariant, by)]
    const less = keptBy(before) - keptBy(now)
    if (before.taken - now.taken > before.lost) return null
    if (less > before.lost && now.taken === 0) return null
    const short = Math.max(0, less - before.lost)
    const surplus = short > 0 ? newSurplusPuts(unpatched, variant, by).slice(-short) : []
    if (surplus.length < short) return null
    puts.push(...surplus)
    if (less > 0 && less <= before.lost) mended.push(by)
  }
  return droppable(newlyLost(unpatched, variant), puts) === puts.length ? mended : null
}

/** Kinds of findings that report a surplus drop of a reference or its consequences. */
const comesOfDrops: ReadonlySet<Finding['kind']> = new Set<Finding['kind']>([
  'counter-fault',
  'bad-put',
  'stolen-reference',
  'detached-node-returned',
  'touched-after-free',
  'freed-again',
  'node-freed',
])

/** Kinds of findings that report a surplus drop itself. */
const surplusDrops: ReadonlySet<Finding['kind']> = new Set<Finding['kind']>([
  'counter-fault',
  'bad-put',
  'stolen-reference',
])

/** Kinds of findings that report an access to freed memory. */
const isTouch: ReadonlySet<Finding['kind']> = new Set<Finding['kind']>(['touched-after-free', 'freed-again'])

/**
 * Accesses to a freed object that changed code made or led to. `calls` are the innermost changed function and its
 * callers.
 */
interface ChangedTouch {
  readonly calls: string
  readonly step: number
  readonly count: number
}

function touchesOfChangedCode({ touches }: ObjectLife, changed: ChangedCode): ChangedTouch[] {
  return touches.flatMap(({ chain, step, count }) => {
    const innermost = chain.findIndex((name) => changed.isIn(chainOf([name])))
    return innermost < 0 ? [] : [{ calls: chain.slice(innermost).join(' < '), step, count }]
  })
}

/**
 * True if changed code accesses a freed object more often than the same calls do without the patches. From the step in
 * which the unpatched run ended, the same calls may access it any number of times.
 */
function touchesMore(
  variant: ObjectLife,
  unpatched: ObjectLife,
  changed: ChangedCode,
  brokenOffIn: number | null,
): boolean {
  const left = new Map<string, number>()
  for (const { calls, count } of touchesOfChangedCode(unpatched, changed))
    left.set(calls, (left.get(calls) ?? 0) + count)
  return touchesOfChangedCode(variant, changed).some(({ calls, step, count }) => {
    const before = left.get(calls)
    if (before === undefined) return true
    if (brokenOffIn !== null && step >= brokenOffIn) return false
    left.set(calls, before - count)
    return count > before
  })
}

/** True if a function took a reference on an object without references. */
export const isDeadGet = (finding: Finding): boolean =>
  finding.kind === 'counter-fault' && finding.data.fault === 'increment-on-0'

/** True if a finding reports a surplus drop of a reference. */
export const isSurplusDrop = (finding: Finding): boolean =>
  surplusDrops.has(finding.kind) && !isDeadGet(finding)

/**
 * Finds the finding of the unpatched kernel that has the same bug as one of the variant. If a counter dropped too low,
 * the bug is the call that drops too much. If each function takes and drops as many references as on the unpatched
 * kernel, apart from references that are no longer lost, the unpatched kernel has the surplus drop too. There, the drop
 * removed a reference that another function had lost. Or the reverse: on the unpatched kernel, the surplus drop made
 * the counter drop too low; the patches take one more reference, and the same drop steals this reference. An access to
 * freed memory is a bug of its own if changed code makes it and did not make it before.
 *
 * @param known - the same finding on the unpatched kernel, if the variant has a surplus
 * @returns null if the patches may have caused the bug
 */
export function findOtherSymptom(
  finding: Finding,
  known: Finding | undefined,
  { unpatched, variant, patchFacts }: CellRuns,
): HiddenBy | null {
  if (!comesOfDrops.has(finding.kind)) return null
  const now = objectOfFinding(finding, variant.lives ?? [])
  const before = lifeOf(unpatched, now?.object)
  if (now === undefined || before === undefined) return null
  const mended = mendedHolders(before, now)
  if (mended === null) return null
  if (isTouch.has(finding.kind) && touchesMore(now, before, patchFacts.changed, unpatched.brokenOffIn))
    return null
  const isTheft = finding.kind === 'stolen-reference'
  const dropper = isTheft ? finding.data.dropper : ''
  const isDropped = holderIn(before.holders, dropper).surplusPuts.some(({ step }) => step <= finding.step)
  // A counter can drop too low after the surplus drop: when the last reference is dropped.
  const symptoms = findingsOn(unpatched, now.object).filter(
    ({ kind, step }) =>
      comesOfDrops.has(kind) && (step <= finding.step || (isDropped && kind === 'counter-fault')),
  )
  const closest = isTheft
    ? symptoms.find((one) => one.kind === 'counter-fault' && one.data.fault === 'underflow')
    : symptoms.find((one) => one.kind === 'stolen-reference' && mended.includes(one.data.owner))
  // Without a function that no longer loses references, only three findings count: a theft, more of a finding that the
  // unpatched kernel has too, and a get at count 0, which drops nothing.
  const killer = isDeadGet(finding) ? symptoms.find(({ kind }) => surplusDrops.has(kind)) : undefined
  const other = known ?? killer ?? (isTheft || mended.length > 0 ? symptoms[0] : undefined)
  const symptom = closest ?? other
  return symptom === undefined ? null : { reason: 'other-symptom', finding: symptom }
}

const stepsOf = ({ step, steps }: Finding): readonly number[] => steps ?? [step]

/**
 * Finds the access to freed memory that the unpatched kernel makes in a lookup which, on the variant, returns the same
 * node before its memory is freed. Both lookups find a node that is not in the tree, so it is the same bug.
 *
 * @returns null for other kinds of findings, and if there is no such access
 */
export function findSameLookup(finding: Finding, { findings, lives = [] }: Judgeable): HiddenBy | null {
  if (finding.kind !== 'detached-node-returned') return null
  const access = findings.find(
    (one) =>
      one.kind === 'touched-after-free' &&
      objectOfFinding(one, lives)?.object === finding.subject &&
      stepsOf(finding).every((step) => stepsOf(one).includes(step)) &&
      finding.evidence.every((lookup) => one.evidence.some(({ chain }) => ledTo(lookup.chain, chain))),
  )
  return access === undefined ? null : { reason: 'other-symptom', finding: access }
}

/**
 * Finds a scenario in which the unpatched kernel has the same leak: it leaks a reference of the same function on the
 * same node. The variant must only make the leaking call more often, and no changed code may lead to the call. Example:
 * a module that found no node could not leak it. If changed code takes part in dropping references of this function in
 * some scenario, the patches may be why this one is not dropped.
 *
 * @param known - the same finding on the unpatched kernel, if the variant has a surplus
 * @returns null if the patches may have caused the bug
 */
export function findLeakInOtherScenario(
  finding: Finding,
  known: Finding | undefined,
  { unpatched, variant, patchFacts }: CellRuns,
): HiddenBy | null {
  if (finding.kind !== 'reference-held') return null
  const scenario = patchFacts.unpatchedAnywhere.get(keyWithoutGeneration(finding))
  const now = objectOfFinding(finding, variant.lives ?? [])
  if (scenario === undefined || now === undefined || finding.evidence.length === 0) return null
  if (finding.evidence.some(({ chain }) => patchFacts.changed.isIn(chain))) return null
  const { holder: by } = finding.data
  const own = holderIn(now.holders, by)
  const droppedIn = [...own.droppedIn, ...(patchFacts.droppedIn.get(by) ?? [])]
  if (patchFacts.changed.isIn(chainOf(droppedIn))) return null
  const others = balanceOf(unpatched, now.object, by)
  const more = finding.count - (known?.count ?? 0)
  // If the function does not take that many more, some drop is missing.
  if (own.taken - others.taken < more || own.dropped < others.dropped) return null
  return { reason: 'other-scenario', scenario }
}
