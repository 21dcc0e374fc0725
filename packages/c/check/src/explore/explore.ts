// SPDX-License-Identifier: GPL-2.0-only
import type { FieldUse } from '../findings/at-return.ts'
import { Collector } from '../findings/collect.ts'
import type { Finding } from '../findings/finding.ts'
import { Ledger } from '../findings/ledger.ts'
import { runBody, runEntry, type AtReturn } from '../path/interpreter.ts'
import { PathEnd, type EndReason } from '../path/path-end.ts'
import { Path, type PathContext } from '../path/path.ts'
import { edge, type Decision, type Edge } from './decisions.ts'
import { stateKey, type Precision } from './state-key.ts'

/** The budget for one function, in instructions and paths. It never depends on time. */
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
  /** Number of paths by the way they ended. */
  readonly ends: ReadonlyMap<EndReason | 'returned', number>
  /** True if all paths within the loop bounds were explored. */
  readonly complete: boolean
  /** True if unsupported code was encountered. */
  readonly approximate: boolean
  readonly fieldUses: readonly FieldUse[]
  /** The decisions of all paths, for comparing two versions of the function. */
  readonly root: Edge
}

/** One of this many paths starts at the oldest pending decision. */
const oldestEvery = 4

interface Taken {
  readonly decision: Decision
  readonly outcome: boolean
}

/**
 * Executes a function on all its paths. A path is a list of decisions. It is replayed from the start; the first
 * decision that is not in the list takes one outcome and queues the other. A path ends when it reaches a state that
 * another path was in. If the budget runs out, a second, coarser pass follows, which distinguishes fewer states. Its
 * findings are added.
 */
export function explore(context: PathContext, entry: string, budget: Budget): Exploration {
  const exact = new Explorer(context, entry, budget, 'exact').run()
  if (exact.complete) return exact
  const coarse = new Explorer(context, entry, budget, 'references').run()
  const keys = new Set(exact.findings.map(({ key }) => key))
  return {
    ...exact,
    findings: [...exact.findings, ...coarse.findings.filter(({ key }) => !keys.has(key))],
    paths: exact.paths + coarse.paths,
    approximate: exact.approximate || coarse.approximate,
    fieldUses: [...exact.fieldUses, ...coarse.fieldUses],
    root: coarse.complete ? coarse.root : exact.root,
  }
}

/**
 * Executes a function on all its paths to see what it does. It judges nothing and ignores the function's own contract.
 *
 * @param atReturn - called at the return of each path.
 */
export function observe(
  context: PathContext,
  entry: string,
  budget: Budget,
  atReturn: AtReturn,
): Exploration {
  return new Explorer(context, entry, budget, 'exact', atReturn).run()
}

class Explorer {
  private readonly context: PathContext
  private readonly entry: string
  private readonly budget: Budget
  private readonly precision: Precision
  private readonly collector: Collector
  private readonly root = edge('')
  private readonly seen = new Map<string, Decision>()
  private readonly pending: (readonly Taken[])[] = []
  private readonly atReturn: AtReturn | null

  constructor(
    context: PathContext,
    entry: string,
    budget: Budget,
    precision: Precision,
    atReturn: AtReturn | null = null,
  ) {
    this.atReturn = atReturn
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
      // Usually takes the newest pending decision, sometimes the oldest, so that the budget is not spent in one corner.
      next = paths % oldestEvery === 0 ? this.pending.shift() : this.pending.pop()
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
    }
  }

  private follow(prefix: readonly Taken[]): {
    path: Path
    end: EndReason | 'returned'
    uses: readonly FieldUse[]
  } {
    const taken: Taken[] = []
    let current = this.root
    const enter = (next: Edge): void => {
      current = next
      this.collector.at(next)
    }
    const choose = (path: Path, whenTrue: string, whenFalse: string): boolean => {
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
      this.pending.push([...taken, { decision, outcome: false }])
      taken.push({ decision, outcome: true })
      enter(decision.whenTrue)
      return true
    }
    const path = new Path(this.context, choose)
    const ledger = new Ledger(path, this.collector)
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
    if (end !== 'merged') current.next = end
    return { path, end, uses }
  }
}
