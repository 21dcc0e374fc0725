// SPDX-License-Identifier: GPL-2.0-only
import type { BasicBlock, SourceLocation } from '@pfo-workbench/ir'
import type { FieldUse } from '../findings/at-return.ts'
import { Collector } from '../findings/collect.ts'
import type { Finding } from '../findings/finding.ts'
import { PathLedger } from '../findings/ledger.ts'
import { runBody, runEntry, type AtReturn } from '../path/interpreter.ts'
import { PathEnd, type EndReason } from '../path/path-end.ts'
import { Path, type ActiveCall, type PathContext } from '../path/path.ts'
import { edge, type Decision, type Edge } from './decisions.ts'
import { stateKey, type Precision } from './state-key.ts'
import { blocksAt, distancesTo, type Distances } from './distances.ts'

/** The budget for each pass over one function, in instructions and paths. It never depends on time. */
export interface Budget {
  readonly steps: number
  readonly paths: number
}

/** The result of executing one function on its paths. */
export interface Exploration {
  readonly entry: string
  readonly findings: readonly Finding[]
  /** Number of explored paths, including those that ended in a state seen before. */
  readonly paths: number
  /** Number of paths of the first pass, by the way they ended. */
  readonly ends: ReadonlyMap<EndReason | 'returned', number>
  /** True if the first pass explored all paths within the loop bounds. */
  readonly complete: boolean
  /** True if unsupported code was encountered, or if a call was not executed because too many calls were active. */
  readonly approximate: boolean
  readonly fieldUses: readonly FieldUse[]
  /**
   * The decisions of the paths of one pass, for comparing two versions of the function. The pass is the second one if
   * only the second one is complete, otherwise the first one.
   */
  readonly root: Edge
  /** The decisions of the paths that were searched for the changed lines; null if there was no such search. */
  readonly searched: Edge | null
}

/** Every n-th path starts at the oldest pending decision. */
const oldestEvery = 4

interface Taken {
  readonly decision: Decision
  readonly outcome: boolean
}

/** A decision whose second outcome was not taken yet, and the way to it. */
interface Pending {
  readonly taken: readonly Taken[]
  /** Distance from the decision to the lines that are searched; 0 if the path has reached them. */
  readonly distance: number
}

/**
 * Executes a function on all its paths. A path is a list of decisions. It is replayed from the start; the first
 * decision that is not in the list takes one outcome and queues the other. A path ends when it reaches a state that
 * another path was in. If the budget runs out, a second, coarser pass follows, which distinguishes fewer states. If
 * both passes miss lines that the patch changes, a third pass searches for these lines. The findings of all passes
 * count.
 *
 * @param isChanged - true for places in the function that the patch changes.
 */
export function explore(
  context: PathContext,
  entry: string,
  budget: Budget,
  isChanged: (place: SourceLocation) => boolean = () => false,
): Exploration {
  const visited = new Set<BasicBlock>()
  const exact = new Explorer(context, entry, budget, 'exact', visited).run()
  if (exact.complete) return exact
  const coarse = new Explorer(context, entry, budget, 'references', visited).run()
  const both = joined(exact, coarse, { root: coarse.complete ? coarse.root : exact.root })
  const facts = context.facts.of(entry)
  if (facts === null) return both
  const locate = (location: number | null): SourceLocation | null => context.module.debug.location(location)
  const missed = blocksAt(facts, locate, isChanged).filter((block) => !visited.has(block))
  if (missed.length === 0) return both
  const distances = distancesTo(facts, missed)
  const search = new Explorer(context, entry, budget, 'exact', visited, { distances }).run()
  return joined(both, search, { searched: search.root })
}

function joined(first: Exploration, second: Exploration, roots: Partial<Exploration>): Exploration {
  const keys = new Set(first.findings.map(({ key }) => key))
  return {
    ...first,
    findings: [...first.findings, ...second.findings.filter(({ key }) => !keys.has(key))],
    paths: first.paths + second.paths,
    approximate: first.approximate || second.approximate,
    fieldUses: [...first.fieldUses, ...second.fieldUses],
    ...roots,
  }
}

/**
 * Executes a function on all its paths to see what the function does. Does not apply the rules for the end of a path,
 * and ignores the function's own contract.
 *
 * @param atReturn - called at the return of each path.
 */
export function observe(
  context: PathContext,
  entry: string,
  budget: Budget,
  atReturn: AtReturn,
): Exploration {
  return new Explorer(context, entry, budget, 'exact', new Set(), { atReturn }).run()
}

class Explorer {
  private readonly context: PathContext
  private readonly entry: string
  private readonly budget: Budget
  private readonly precision: Precision
  private readonly collector: Collector
  private readonly root = edge('')
  private readonly seen = new Map<string, Decision>()
  private readonly pending: Pending[] = []
  private readonly atReturn: AtReturn | null
  private readonly distances: Distances | null
  private readonly visited: Set<BasicBlock>

  /** @param visited - receives the blocks of the function that paths went through. */
  constructor(
    context: PathContext,
    entry: string,
    budget: Budget,
    precision: Precision,
    visited: Set<BasicBlock>,
    { atReturn = null, distances = null }: { atReturn?: AtReturn | null; distances?: Distances | null } = {},
  ) {
    this.atReturn = atReturn
    this.distances = distances
    this.visited = visited
    this.context = context
    this.entry = entry
    this.budget = budget
    this.precision = precision
    this.collector = new Collector(entry)
  }

  run(): Exploration {
    const ends = new Map<EndReason | 'returned', number>()
    const fieldUses = new Map<string, FieldUse>()
    let paths = 0
    let steps = 0
    let complete = true
    let approximate = false
    let next: readonly Taken[] | undefined = []
    while (next !== undefined) {
      if (paths >= this.budget.paths || steps >= this.budget.steps) {
        complete = false
        break
      }
      const { path, end, uses } = this.follow(next)
      paths++
      steps += path.executed
      approximate ||= path.approximate
      if (end === 'steps' || end === 'depth') complete = false
      ends.set(end, (ends.get(end) ?? 0) + 1)
      for (const use of uses) fieldUses.set(`${use.kind} ${use.field}`, use)
      next = this.nextPending(paths)?.taken
    }
    return {
      entry: this.entry,
      findings: this.collector.findings(paths),
      paths,
      ends,
      complete,
      approximate,
      fieldUses: [...fieldUses.values()],
      root: this.root,
      searched: null,
    }
  }

  /**
   * Usually the newest pending decision, sometimes the oldest, so that the budget is not spent on similar paths only. A
   * search alternates between two choices: the decision that is nearest to the changed lines, among those whose path
   * has not reached these lines, and the newest decision whose path has reached them.
   */
  private nextPending(paths: number): Pending | undefined {
    const { pending } = this
    if (this.distances === null) return paths % oldestEvery === 0 ? pending.shift() : pending.pop()
    const hasArrived = paths % 2 === 0 && pending.some(({ distance }) => distance === 0)
    let best = -1
    for (let i = pending.length - 1; i >= 0; i--) {
      const distance = pending[i]?.distance ?? 0
      if (hasArrived !== (distance === 0)) continue
      if (best < 0 || distance < (pending[best]?.distance ?? 0)) best = i
    }
    return best < 0 ? pending.pop() : pending.splice(best, 1)[0]
  }

  /**
   * Distance from the current block of the executed function to the lines that are searched: 0 if the path has reached
   * them or if nothing is searched, `Infinity` if they cannot be reached.
   */
  private distanceFrom({ block, visits }: ActiveCall): number {
    const { distances } = this
    if (distances === null) return 0
    for (const seen of visits.keys()) if (distances.get(seen) === 0) return 0
    return distances.get(block) ?? Infinity
  }

  private follow(prefix: readonly Taken[]): {
    path: Path
    end: EndReason | 'returned'
    uses: readonly FieldUse[]
  } {
    const taken: Taken[] = []
    let current = this.root
    let frame: ActiveCall | undefined
    const enter = (next: Edge): void => {
      current = next
      this.collector.at(next)
    }
    const choose = (path: Path, whenTrue: string, whenFalse: string): boolean => {
      frame ??= path.frames[0]
      const given = prefix[taken.length]
      if (given !== undefined) {
        taken.push(given)
        enter(given.outcome ? given.decision.whenTrue : given.decision.whenFalse)
        return given.outcome
      }
      const key = stateKey(path, ledger, this.precision)
      const known = this.seen.get(key)
      if (known !== undefined) {
        current.next = known
        throw new PathEnd('merged')
      }
      const where = path.location()?.function ?? ''
      const decision: Decision = {
        whenTrue: edge(`${where}: ${whenTrue}`),
        whenFalse: edge(`${where}: ${whenFalse}`),
      }
      this.seen.set(key, decision)
      current.next = decision
      this.pending.push({
        taken: [...taken, { decision, outcome: false }],
        distance: frame === undefined ? Infinity : this.distanceFrom(frame),
      })
      taken.push({ decision, outcome: true })
      enter(decision.whenTrue)
      return true
    }
    const path = new Path(this.context, choose)
    const ledger = new PathLedger(path, this.collector)
    this.collector.beginPath()
    enter(this.root)
    let end: EndReason | 'returned' = 'returned'
    let uses: readonly FieldUse[] = []
    try {
      if (this.atReturn === null) uses = runEntry(path, ledger, this.entry)
      else runBody(path, ledger, this.entry, () => {}, this.atReturn)
    } catch (error) {
      if (error instanceof PathEnd) end = error.reason
      else if (error instanceof RangeError) end = 'depth'
      else throw error
    }
    for (const [block, times] of frame?.visits ?? []) {
      // A path that ends in a callee did not execute the rest of the block.
      if (end === 'returned' || block !== frame?.block || times > 1) this.visited.add(block)
    }
    if (end !== 'merged') current.next = end
    return { path, end, uses }
  }
}
