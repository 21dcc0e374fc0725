// SPDX-License-Identifier: GPL-2.0-only
import type { ContractTable } from '../contracts/table.ts'
import type { Exploration } from '../explore/explore.ts'
import type { Finding } from './finding.ts'
import { releasingName } from '../path/calls.ts'
import { pairPaths, type PairedPaths } from './pair-paths.ts'

/** Effect of a patch on a finding; `present` if there is no patch. */
export type PatchEffect = 'fixed' | 'partly-fixed' | 'kept' | 'introduced' | 'present'

/** A finding with its status. If both versions have the finding, its places are those after the patch. */
export interface ComparedFinding extends Finding {
  readonly status: PatchEffect
}

/** One version of the code, before or after the patch: its findings, and the paths of each executed function. */
export interface CheckedVersion {
  readonly findings: readonly Finding[]
  readonly explorations: ReadonlyMap<string, Exploration>
}

/**
 * Compares the findings before and after a patch. Leaves out a finding of one version if the other version may have it
 * too, on paths that were not explored. Order: introduced, partly fixed, fixed, kept.
 */
export function compareSides(
  before: CheckedVersion,
  after: CheckedVersion,
  contracts: ContractTable,
): readonly ComparedFinding[] {
  const judged: ComparedFinding[] = []
  const onlyBefore: Finding[] = []
  const afterByKey = new Map(after.findings.map((finding) => [identity(finding), finding]))
  for (const finding of before.findings) {
    const same = afterByKey.get(identity(finding))
    if (same === undefined) onlyBefore.push(finding)
    else {
      afterByKey.delete(identity(finding))
      judged.push(...onBothSides(before, after, finding, same))
    }
  }
  const onlyAfter = [...afterByKey.values()]
  for (const finding of onlyBefore) {
    const i = onlyAfter.findIndex((other) => isReworded(finding, other, contracts))
    const [same] = i < 0 ? [] : onlyAfter.splice(i, 1)
    if (same !== undefined) judged.push({ ...same, status: 'kept' })
    else if (isProven('gone', before, after, finding)) judged.push({ ...finding, status: 'fixed' })
  }
  for (const finding of onlyAfter) {
    if (isProven('added', before, after, finding)) judged.push({ ...finding, status: 'introduced' })
  }
  return withoutRepeats(judged).sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
}

/**
 * Reports each fault once. An error on some paths is not repeated as a question on others. Of several uses of one
 * object after its last put, only the one with the shortest path is reported.
 */
export function withoutRepeats(findings: readonly ComparedFinding[]): ComparedFinding[] {
  const told = new Map<string, ComparedFinding>()
  for (const given of findings) {
    const finding = weighed(given)
    if (finding === null) continue
    const { entry, faultKey, status, rule, class: name, origin } = finding
    const object = [rule, name, origin.function, origin.from, origin.text, origin.ordinal].join('|')
    const key = `${entry} ${status} ${rule === 'use-after-put' ? object : faultKey}`
    const known = told.get(key)
    if (known === undefined || isBetter(finding, known)) told.set(key, finding)
  }
  return [...told.values()]
}

/**
 * Lowers the severity of `put-of-argument`: a function that drops its caller's reference probably does so by design, as
 * `foo_put(foo)` does. The finding becomes a question, or null if the name of the function says that it releases
 * something. A finding stays as it is if the patch introduces or fixes it, or if a search drops the reference.
 */
function weighed(finding: ComparedFinding): ComparedFinding | null {
  const { rule, status, entry, data } = finding
  if (rule !== 'put-of-argument' || status === 'introduced' || status === 'fixed') return finding
  if (data.bySearch === true) return finding
  return releasingName.test(entry) ? null : { ...finding, severity: 'question' }
}

function isBetter(finding: ComparedFinding, known: ComparedFinding): boolean {
  if (finding.severity !== known.severity) return finding.severity === 'error'
  return finding.path.length < known.path.length
}

const order: readonly PatchEffect[] = ['introduced', 'partly-fixed', 'fixed', 'kept', 'present']

function identity({ entry, key }: Finding): string {
  return `${entry} ${key}`
}

/** Judges a finding of both versions by their paths: the patch may add it to some paths and remove it from others. */
function onBothSides(
  before: CheckedVersion,
  after: CheckedVersion,
  first: Finding,
  second: Finding,
): readonly ComparedFinding[] {
  const left = before.explorations.get(first.entry)
  const right = after.explorations.get(second.entry)
  if (left === undefined || right === undefined) return [{ ...second, status: 'kept' }]
  const paths = pairedPaths(left, right, first.key)
  const judged: ComparedFinding[] = []
  if (paths.added) judged.push({ ...second, status: 'introduced' })
  if (paths.gone) judged.push({ ...second, status: 'partly-fixed' })
  return judged.length > 0 ? judged : [{ ...second, status: 'kept' }]
}

/**
 * True if a finding that appears on one side only is really gone or added. If not all paths of the other side were
 * explored, the other side may have the finding too; one pair of equal paths must then show that it does not.
 *
 * @param change - `gone`: only the side before the patch has the finding; `added`: only the side after it
 */
function isProven(
  change: keyof PairedPaths,
  before: CheckedVersion,
  after: CheckedVersion,
  finding: Finding,
): boolean {
  const left = before.explorations.get(finding.entry)
  const right = after.explorations.get(finding.entry)
  if (left === undefined || right === undefined) return true
  const other = change === 'gone' ? right : left
  return other.complete || pairedPaths(left, right, finding.key)[change]
}

/** Pairs the paths of all passes that both versions had. */
function pairedPaths(left: Exploration, right: Exploration, key: string): PairedPaths {
  const paths = pairPaths(left.root, right.root, key)
  if (left.searched === null || right.searched === null) return paths
  const searched = pairPaths(left.searched, right.searched, key)
  return { gone: paths.gone || searched.gone, added: paths.added || searched.added }
}

/**
 * True if two findings are the same fault in rewritten code: renamed, moved to a helper, reordered, or with another
 * function that iterates over the same nodes.
 */
function isReworded(before: Finding, after: Finding, contracts: ContractTable): boolean {
  const iterates = ({ origin }: Finding): boolean => contracts.function(origin.from)?.cursor !== undefined
  return (
    before.rule === after.rule &&
    before.class === after.class &&
    (before.origin.from === after.origin.from || (iterates(before) && iterates(after))) &&
    literals(before.origin.text) === literals(after.origin.text) &&
    (before.entry === after.entry || before.origin.text === after.origin.text)
  )
}

function literals(text: string): string {
  return (text.match(/"[^"]*"/g) ?? []).join()
}
