// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import type { Holder, ObjectLife } from '../play/examined-schema.ts'
import { objectOfFinding, timelessKey } from './about.ts'
import type { Judgeable } from './judgeable.ts'
import type { Case } from './reached.ts'
import type { HiddenBy } from './status.ts'

const nothing = { taken: 0, dropped: 0, lost: 0 }

const holder = ({ holders }: ObjectLife, by: string): Omit<Holder, 'by'> =>
  holders.find((one) => one.by === by) ?? nothing

/**
 * Compares the reference balance of an object.
 *
 * @returns the functions that no longer lose references; null if a function drops more or takes fewer than on the
 * unpatched kernel, beyond the number that it lost there
 */
function mendedHolders(unpatched: ObjectLife, variant: ObjectLife): string[] | null {
  const mended: string[] = []
  for (const by of new Set([...unpatched.holders, ...variant.holders].map((one) => one.by))) {
    const [before, now] = [holder(unpatched, by), holder(variant, by)]
    const less = before.taken - before.dropped - (now.taken - now.dropped)
    if (less > before.lost || before.taken - now.taken > before.lost) return null
    if (less > 0) mended.push(by)
  }
  return mended
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

/**
 * Finds the finding of the unpatched kernel that has the same defect as one of the variant. If a counter dropped too
 * low, the defect is the call that drops too much. If each function takes and drops as many references as on the
 * unpatched kernel, apart from references that are no longer lost, the unpatched kernel has the surplus drop too: there
 * it hit a lost reference. Or the reverse: the patches take a reference more, and the surplus drop, which made the
 * counter of the unpatched kernel drop too low, steals that reference.
 *
 * @param known - the same finding on the unpatched kernel, if the variant has a surplus
 * @returns null if the patches may have caused the defect
 */
export function sameDefect(
  finding: Finding,
  known: Finding | undefined,
  unpatched: Judgeable,
  variant: Judgeable,
): HiddenBy | null {
  if (!comesOfDrops.has(finding.kind)) return null
  const now = objectOfFinding(finding, variant.lives ?? [])
  const before = unpatched.lives?.find(({ object }) => object === now?.object)
  if (now === undefined || before === undefined) return null
  const mended = mendedHolders(before, now)
  if (mended === null) return null
  const isTheft = finding.kind === 'stolen-reference'
  const symptoms = unpatched.findings.filter(
    (one) => comesOfDrops.has(one.kind) && objectOfFinding(one, unpatched.lives ?? [])?.object === now.object,
  )
  const closest = isTheft
    ? symptoms.find((one) => one.kind === 'counter-fault' && one.data.fault === 'underflow')
    : symptoms.find((one) => one.kind === 'stolen-reference' && mended.includes(one.data.owner))
  // A surplus needs no mended function: the object was already dead, and one more get and put changes nothing.
  const other = known ?? (isTheft || mended.length > 0 ? symptoms[0] : undefined)
  const symptom = closest ?? other
  return symptom === undefined ? null : { reason: 'other-symptom', finding: symptom }
}

/**
 * Finds the scenario in which the unpatched kernel has the same leak. The defect of a leak is the call whose reference
 * is never dropped. The unpatched kernel has it if it leaks the reference of this function on this node in some
 * scenario, no changed code leads to the call, and the variant only makes the call more often. Example: a module that
 * found no node could not leak it.
 *
 * @param known - the same finding on the unpatched kernel, if the variant has a surplus
 * @returns null if the patches may have caused the defect
 */
export function leakElsewhere(
  finding: Finding,
  known: Finding | undefined,
  { unpatched, variant, circumstances }: Case,
): HiddenBy | null {
  if (finding.kind !== 'reference-held') return null
  const scenario = circumstances.unpatchedAnywhere.get(timelessKey(finding))
  const now = objectOfFinding(finding, variant.lives ?? [])
  if (scenario === undefined || now === undefined || finding.evidence.length === 0) return null
  if (finding.evidence.some(({ chain }) => circumstances.changed.isIn(chain))) return null
  const { holder: by } = finding.data
  const own = holder(now, by)
  const before = unpatched.lives?.find(({ object }) => object === now.object)
  const others = before === undefined ? nothing : holder(before, by)
  const more = finding.count - (known?.count ?? 0)
  // If it takes as many as before, some function drops fewer.
  if (own.taken - others.taken < more || own.dropped < others.dropped) return null
  return { reason: 'other-scenario', scenario }
}
