// SPDX-License-Identifier: GPL-2.0-only
import type { Finding, FindingOf } from '@pfo-workbench/oracle'
import { objectOfFinding } from './about.ts'
import type { Judgeable } from './judgeable.ts'

type Theft = FindingOf<'stolen-reference'>

/** How an object ended: what is left of it, and how many references are on it while it lives. */
function endOf({ story }: Judgeable, object: string): string | null {
  const node = story?.trees.after.find((one) => one.node === object)
  if (node === undefined) return null
  const alive = node.life === 'allocated'
  return JSON.stringify([alive, node.inTree, alive ? node.refcount : 0])
}

/** Findings that say that somebody missed a reference. */
const missing: ReadonlySet<Finding['kind']> = new Set<Finding['kind']>([
  'counter-fault',
  'bad-put',
  'touched-after-free',
  'freed-again',
  'node-freed',
])

/**
 * Whether a reference that looks stolen was handed over: kept in a slot or a structure, and dropped by who owned that. The
 * object ends as it does on the unpatched kernel, with as many references, and nobody missed one.
 */
function isHandOver(theft: Theft, unpatched: Judgeable, variant: Judgeable): boolean {
  const lives = variant.lives ?? []
  const object = objectOfFinding(theft, lives)?.object
  if (object === undefined) return false
  const end = endOf(variant, object)
  if (end === null || end !== endOf(unpatched, object)) return false
  return !variant.findings.some(
    (one) => missing.has(one.kind) && objectOfFinding(one, lives)?.object === object,
  )
}

/** The thefts of a variant that are none: the unpatched kernel does not have them, and the final counts agree. */
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
 * What a reference that was handed over leaves: it was one of several that are alike, so the leak of another one of them on the
 * same object is the leak that was there.
 *
 * @param thefts - the hand-overs that were taken for thefts
 * @returns leaks of the variant, each with the leak of the unpatched kernel that it is
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
