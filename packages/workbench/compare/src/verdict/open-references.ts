// SPDX-License-Identifier: GPL-2.0-only
import type { Finding, FindingOf } from '@pfo-workbench/oracle'
import type { Holder, ObjectLife } from '../play/examined-schema.ts'
import { objectOfFinding } from './finding-objects.ts'
import type { Judgeable } from './judgeable.ts'

/** A stolen reference. */
export type Theft = FindingOf<'stolen-reference'>

/** Findings showing that a reference was missing. */
const missing: ReadonlySet<Finding['kind']> = new Set<Finding['kind']>([
  'counter-fault',
  'bad-put',
  'touched-after-free',
  'freed-again',
  'node-freed',
])

/** The findings of a run on an object. */
export function findingsOn({ findings, lives = [] }: Judgeable, object: string): Finding[] {
  return findings.filter((one) => objectOfFinding(one, lives)?.object === object)
}

/** True if a finding of the run shows that a reference on the object was missing. */
export function lacksReference(run: Judgeable, object: string): boolean {
  return findingsOn(run, object).some(({ kind }) => missing.has(kind))
}

/** The thefts of a run on an object. */
export function theftsOf(run: Judgeable, object: string): Theft[] {
  return findingsOn(run, object).filter((one) => one.kind === 'stolen-reference')
}

const nothing = { taken: 0, dropped: 0, lost: 0, droppedIn: [], kept: [], surplusPuts: [] }

/** The gets and puts of a function, among those of all functions on an object. */
export function holderIn(holders: readonly Holder[], by: string): Omit<Holder, 'by'> {
  return holders.find((one) => one.by === by) ?? nothing
}

/** The life of an object in a run; undefined if it is not known. */
export function lifeOf({ lives = [] }: Judgeable, object: string | undefined): ObjectLife | undefined {
  return lives.find((one) => one.object === object)
}

/** The gets and puts of a function on an object. */
export function balanceOf(run: Judgeable, object: string, by: string): Omit<Holder, 'by'> {
  return holderIn(lifeOf(run, object)?.holders ?? [], by)
}

/** Number of references that a function took and did not drop; negative if it dropped more than it took. */
export function keptBy({ taken, dropped }: Pick<Holder, 'taken' | 'dropped'>): number {
  return taken - dropped
}

/** Adds up counts of findings. */
export const sum = (counts: readonly { readonly count: number }[]): number =>
  counts.reduce((total, { count }) => total + count, 0)

type NodeAtEnd = NonNullable<Judgeable['story']>['trees']['after'][number]

/** The state of a node at the end of a run: the number of references that it should have, and its place. */
interface End {
  /** Its count, plus the number of references that were stolen. */
  readonly open: number
  readonly inTree: boolean
}

/** The state of a node at the end of a run; undefined for an object that is no node. */
const nodeAtEnd = ({ story }: Judgeable, object: string): NodeAtEnd | undefined =>
  story?.trees.after.find((one) => one.node === object)

/** True if the memory of a node was freed in a run. */
export function isFreed(run: Judgeable, object: string): boolean {
  return nodeAtEnd(run, object)?.life === 'freed'
}

/** Returns the end of a node; null for an object that is no node. */
function endOf(run: Judgeable, object: string): End | null {
  const node = nodeAtEnd(run, object)
  if (node === undefined) return null
  const count = node.life === 'allocated' ? node.refcount : 0
  return { open: count + sum(theftsOf(run, object)), inTree: node.inTree }
}

/**
 * Number of references on an object that functions of the unpatched kernel lose and that the same functions no longer
 * lose in the variant, because they drop them or do not take them.
 */
function mendedOn(unpatched: Judgeable, variant: Judgeable, object: string): number {
  const holders = lifeOf(unpatched, object)?.holders ?? []
  return holders.reduce((total, before) => {
    const fewer = keptBy(before) - keptBy(balanceOf(variant, object, before.by))
    return total + Math.min(before.lost, Math.max(0, fewer))
  }, 0)
}

/** The number of references on a node after each step; 0 if its memory is freed. */
function countsBySteps({ story }: Judgeable, object: string): number[] {
  let count = 0
  return (story?.moments ?? []).map(({ nodes }) => {
    const node = nodes.find((one) => one.node === object)
    if (node !== undefined) count = node.life === 'allocated' ? node.refcount : 0
    return count
  })
}

/**
 * True if a node of the variant has at least as many references after each step as on the unpatched kernel, apart from
 * references that functions lose on the unpatched kernel and no longer lose in the variant.
 */
export function hasNeverFewer(unpatched: Judgeable, variant: Judgeable, object: string): boolean {
  const before = countsBySteps(unpatched, object)
  const mended = mendedOn(unpatched, variant, object)
  return countsBySteps(variant, object).every((count, step) => count >= (before[step] ?? 0) - mended)
}

/**
 * True if a node ends with as many open references in the variant as on the unpatched kernel, and either on both in the
 * tree or on both outside. The variant may have fewer references if the unpatched kernel loses some and the same
 * functions no longer lose them. In both cases, the patches leave no reference over and none is missing. It does not
 * matter which function the ledger names as the holder. False for an object that is no node.
 */
export function endsAgree(unpatched: Judgeable, variant: Judgeable, object: string): boolean {
  const [before, now] = [endOf(unpatched, object), endOf(variant, object)]
  if (before === null || now === null || before.inTree !== now.inTree) return false
  const fewer = before.open - now.open
  return fewer >= 0 && fewer <= mendedOn(unpatched, variant, object)
}
