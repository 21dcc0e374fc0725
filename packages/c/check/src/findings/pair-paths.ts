// SPDX-License-Identifier: GPL-2.0-only
import type { Decision, Edge } from '../explore/decisions.ts'

/** Number of pairs of paths with the same decisions in which both paths have a finding, or only one of them. */
export interface PairedPaths {
  readonly both: number
  readonly onlyBefore: number
  readonly onlyAfter: number
}

/** Maximum number of decision pairs to visit. */
const mostPairs = 200_000

/**
 * Walks the paths of two versions of a function in parallel: the same outcomes of the same decisions. If only one
 * version has a decision, only that side advances, with both outcomes. If the versions cannot be aligned, or a side was
 * not explored completely, there is no pair.
 */
export function pairPaths(before: Edge, after: Edge, key: string): PairedPaths {
  const counts = { both: 0, onlyBefore: 0, onlyAfter: 0 }
  const labelsBefore = labelsFrom(before)
  const labelsAfter = labelsFrom(after)
  const numbers = new Map<Edge, number>()
  const numberOf = (edge: Edge): number => {
    let number = numbers.get(edge)
    if (number === undefined) numbers.set(edge, (number = numbers.size))
    return number
  }
  const seen = new Set<string>()
  const open: Pair[] = []
  const go = (
    left: Edge,
    right: Edge,
    from: Pair | null,
    aligned: boolean,
    moved: { left: boolean; right: boolean },
  ): void => {
    const pair: Pair = {
      before: left,
      after: right,
      hasBefore: (from?.hasBefore ?? false) || (moved.left && left.findings.has(key)),
      hasAfter: (from?.hasAfter ?? false) || (moved.right && right.findings.has(key)),
      aligned,
    }
    const id = `${numberOf(left)} ${numberOf(right)} ${pair.hasBefore} ${pair.hasAfter} ${aligned}`
    if (seen.has(id) || seen.size > mostPairs) return
    seen.add(id)
    open.push(pair)
  }
  const bothSides = { left: true, right: true }
  go(before, after, null, true, bothSides)
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const left = pair.before.next
    const right = pair.after.next
    if (left === null || right === null) continue
    if (typeof left === 'string' && typeof right === 'string') {
      if (left !== right && !(pair.hasBefore && pair.hasAfter)) continue
      if (pair.hasBefore && pair.hasAfter) counts.both++
      else if (pair.hasBefore) counts.onlyBefore++
      else if (pair.hasAfter && pair.aligned) counts.onlyAfter++
      continue
    }
    const leftLabel = typeof left === 'string' ? null : left.whenTrue.label
    const rightLabel = typeof right === 'string' ? null : right.whenTrue.label
    if (typeof left !== 'string' && typeof right !== 'string' && leftLabel === rightLabel) {
      go(left.whenTrue, right.whenTrue, pair, pair.aligned, bothSides)
      go(left.whenFalse, right.whenFalse, pair, pair.aligned, bothSides)
    } else if (typeof left !== 'string' && typeof right !== 'string' && leftLabel === right.whenFalse.label) {
      go(left.whenTrue, right.whenFalse, pair, pair.aligned, bothSides)
      go(left.whenFalse, right.whenTrue, pair, pair.aligned, bothSides)
    } else if (
      typeof right !== 'string' &&
      (typeof left === 'string' || !labelsBefore.has(rightLabel ?? ''))
    ) {
      for (const next of [right.whenTrue, right.whenFalse])
        go(pair.before, next, pair, false, { left: false, right: true })
    } else if (typeof left !== 'string' && (typeof right === 'string' || !labelsAfter.has(leftLabel ?? ''))) {
      for (const next of [left.whenTrue, left.whenFalse])
        go(next, pair.after, pair, false, { left: true, right: false })
    }
  }
  return counts
}

interface Pair {
  readonly before: Edge
  readonly after: Edge
  readonly hasBefore: boolean
  readonly hasAfter: boolean
  /** True if both versions had every decision so far. */
  readonly aligned: boolean
}

function labelsFrom(root: Edge): ReadonlySet<string> {
  const labels = new Set<string>()
  const seen = new Set<Decision>()
  const open: Edge[] = [root]
  for (let edge = open.pop(); edge !== undefined; edge = open.pop()) {
    const { next } = edge
    if (next === null || typeof next === 'string' || seen.has(next)) continue
    seen.add(next)
    labels.add(next.whenTrue.label).add(next.whenFalse.label)
    open.push(next.whenTrue, next.whenFalse)
  }
  return labels
}
