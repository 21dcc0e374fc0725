// SPDX-License-Identifier: GPL-2.0-only
import type { Decision, Edge } from '../explore/decisions.ts'

/** Effect of a patch on a finding that both versions of a function have. */
export interface PairedPaths {
  /** A path of the old version has the finding, and no path of the new version that matches it has the finding. */
  readonly gone: boolean
  /** A path of the new version has the finding, and a path of the old version that matches it does not. */
  readonly added: boolean
}

/** Maximum number of pairs to visit. */
const maxPairs = 200_000

/** Two positions that are reached by the same outcomes of the same decisions. */
interface Pair {
  readonly before: Edge
  readonly after: Edge
  /** True if the paths up to these positions have the finding. */
  readonly hasBefore: boolean
  readonly hasAfter: boolean
  /** True if both versions had every decision so far. */
  readonly aligned: boolean
  readonly from: Set<Pair>
  /** The number of next pairs that must be `gone`, so that this pair is `gone`. */
  missing: number
  /** True if the finding is gone after this pair. */
  gone: boolean
}

/**
 * Walks the paths of two versions of a function in parallel. If both versions have a decision, both sides take the same
 * outcome. If only one version has it, only that side advances, with both outcomes. If the versions have the same
 * decisions in different order, or if a side was not explored completely, there are no pairs.
 *
 * A rewritten condition is one removed decision and one added decision. It must not look like a fix or like a new
 * fault. Therefore, if the patch adds a decision, the finding is gone only if it is gone for both outcomes. A finding
 * behind an added decision is new only if the patch removes no decision.
 */
export function pairPaths(before: Edge, after: Edge, key: string): PairedPaths {
  return new PairWalk(before, after, key).walk()
}

class PairWalk {
  private readonly key: string
  private readonly root: Pair | null
  private readonly labelsBefore: ReadonlySet<string>
  private readonly labelsAfter: ReadonlySet<string>
  private readonly numbers = new Map<Edge, number>()
  private readonly pairs = new Map<string, Pair>()
  private readonly open: Pair[] = []

  constructor(before: Edge, after: Edge, key: string) {
    this.key = key
    this.labelsBefore = labelsFrom(before)
    this.labelsAfter = labelsFrom(after)
    this.root = this.pairOf(before, after, before.findings.has(key), after.findings.has(key), true)
  }

  walk(): PairedPaths {
    const removesNone = [...this.labelsBefore].every((label) => this.labelsAfter.has(label))
    const gone: Pair[] = []
    let added = false
    for (let pair = this.open.pop(); pair !== undefined; pair = this.open.pop()) {
      const { before, after, hasBefore, hasAfter, aligned } = pair
      if (typeof before.next !== 'string' || typeof after.next !== 'string') {
        this.advance(pair)
      } else if (before.next === after.next) {
        if (hasBefore && !hasAfter) gone.push(pair)
        if (hasAfter && !hasBefore && (aligned || removesNone)) added = true
      }
    }
    for (let pair = gone.pop(); pair !== undefined; pair = gone.pop()) {
      if (pair.gone) continue
      pair.gone = true
      for (const from of pair.from) if (--from.missing <= 0) gone.push(from)
    }
    return { gone: this.root?.gone === true, added }
  }

  private advance(pair: Pair): void {
    const { before, after } = pair
    if (before.next === null || after.next === null) return
    const left = typeof before.next === 'string' ? null : before.next
    const right = typeof after.next === 'string' ? null : after.next
    const label = left?.whenTrue.label
    if (left !== null && label !== undefined && label === right?.whenTrue.label) {
      this.step(pair, left.whenTrue, right.whenTrue)
      this.step(pair, left.whenFalse, right.whenFalse)
    } else if (left !== null && label !== undefined && label === right?.whenFalse.label) {
      this.step(pair, left.whenTrue, right.whenFalse)
      this.step(pair, left.whenFalse, right.whenTrue)
    } else if (right !== null && (left === null || !this.labelsBefore.has(right.whenTrue.label))) {
      const next = [right.whenTrue, right.whenFalse].map((edge) => this.step(pair, before, edge))
      pair.missing = new Set(next).size
    } else if (left !== null && (right === null || !this.labelsAfter.has(left.whenTrue.label))) {
      this.step(pair, left.whenTrue, after)
      this.step(pair, left.whenFalse, after)
    }
  }

  /** Continues from a pair to the next position of one side or of both. Returns null if there are too many pairs. */
  private step(from: Pair, before: Edge, after: Edge): Pair | null {
    const left = before !== from.before
    const right = after !== from.after
    const next = this.pairOf(
      before,
      after,
      from.hasBefore || (left && before.findings.has(this.key)),
      from.hasAfter || (right && after.findings.has(this.key)),
      from.aligned && left && right,
    )
    next?.from.add(from)
    return next
  }

  private pairOf(
    before: Edge,
    after: Edge,
    hasBefore: boolean,
    hasAfter: boolean,
    aligned: boolean,
  ): Pair | null {
    const id = [this.numberOf(before), this.numberOf(after), hasBefore, hasAfter, aligned].join(' ')
    const known = this.pairs.get(id)
    if (known !== undefined) return known
    if (this.pairs.size >= maxPairs) return null
    const pair = {
      before,
      after,
      hasBefore,
      hasAfter,
      aligned,
      from: new Set<Pair>(),
      missing: 1,
      gone: false,
    }
    this.pairs.set(id, pair)
    this.open.push(pair)
    return pair
  }

  private numberOf(edge: Edge): number {
    let number = this.numbers.get(edge)
    if (number === undefined) this.numbers.set(edge, (number = this.numbers.size))
    return number
  }
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
