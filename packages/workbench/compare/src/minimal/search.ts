// SPDX-License-Identifier: GPL-2.0-only
import pMap from 'p-map'

/** A set of members in a fixed order, tried as a whole. */
export type Candidate = readonly string[]

/** Tries candidates. Must remember the result: callers ask for the same candidate again. */
export interface CandidateTester {
  /** Number of remaining findings: 0 if the candidate succeeds, Infinity if it cannot run. */
  left(candidate: Candidate): Promise<number>
  /** True if nothing remains. Cheaper than counting. */
  succeeds(candidate: Candidate): Promise<boolean>
}

const without = (set: Candidate, gone: Candidate): Candidate => set.filter((one) => !gone.includes(one))

function chunks(set: Candidate, count: number): Candidate[] {
  const size = Math.ceil(set.length / count)
  return Array.from({ length: count }, (_, i) => set.slice(i * size, (i + 1) * size)).filter(
    (chunk) => chunk.length > 0,
  )
}

/**
 * Delta debugging (Zeller and Hildebrandt's ddmin): shrinks a candidate that succeeds until the removal of
 * any one member makes it fail.
 */
export async function deltaDebug(start: Candidate, trial: CandidateTester): Promise<Candidate> {
  let set = start
  for (let granularity = 2; set.length > 0;) {
    const parts = chunks(set, Math.min(granularity, set.length))
    const smaller = [
      ...parts.filter((part) => part.length < set.length),
      ...parts.map((part) => without(set, part)),
    ]
    let shrunk: Candidate | null = null
    for (const one of smaller) {
      if (!(await trial.succeeds(one))) continue
      shrunk = one
      break
    }
    if (shrunk !== null) {
      granularity = Math.max(2, shrunk.length < set.length / 2 ? 2 : granularity - 1)
      set = shrunk
    } else if (parts.length >= set.length) break
    else granularity = Math.min(set.length, granularity * 2)
  }
  return set
}

/**
 * Greedily drops the member whose removal leaves the fewest findings, until none remain or there is no improvement.
 * This is needed because a member may do harm: a set can fail although a subset of it succeeds.
 *
 * Most members are needed to the end. A member whose removal made things worse is tried again only when nothing else
 * helps.
 */
async function descend(start: Candidate, trial: CandidateTester, jobs: number): Promise<Candidate> {
  let set = start
  let missed: Candidate = []
  for (let amount = await trial.left(set); amount > 0;) {
    const members = without(set, missed)
    const tried = await pMap(
      members,
      async (member) => ({ member, amount: await trial.left(without(set, [member])) }),
      { concurrency: jobs },
    )
    const [best] = tried.toSorted((a, b) => a.amount - b.amount)
    // If the set cannot run at all, any removal is an improvement, so take the first.
    if (best !== undefined && (best.amount < amount || amount === Number.POSITIVE_INFINITY)) {
      const before = amount
      missed = [...missed, ...tried.filter((one) => one.amount > before).map(({ member }) => member)]
      set = without(set, [best.member])
      amount = best.amount
    } else if (missed.length > 0) missed = []
    else break
  }
  return set
}

/**
 * Finds the sets without conflicting members that are not part of a larger such set.
 *
 * @param conflict - true if two members conflict
 */
export function largestCompatible(
  all: Candidate,
  conflict: (a: string, b: string) => boolean,
): readonly Candidate[] {
  const seen = new Set<string>()
  const found: Candidate[] = []
  const visit = (set: Candidate): void => {
    if (seen.has(set.join('\0'))) return
    seen.add(set.join('\0'))
    for (const [at, a] of set.entries()) {
      const b = set.slice(at + 1).find((other) => conflict(a, other))
      if (b === undefined) continue
      visit(without(set, [a]))
      visit(without(set, [b]))
      return
    }
    found.push(set)
  }
  visit(all)
  return found.filter(
    (set) => !found.some((other) => other.length > set.length && set.every((one) => other.includes(one))),
  )
}

/** The result of a search. */
export interface SearchResult {
  /** Sets that succeed, but fail if any member is removed. */
  readonly minimal: readonly Candidate[]
  /** If no set succeeds: of the sets at which the search ended, those with the fewest remaining findings. */
  readonly closest: readonly Candidate[]
}

/**
 * Searches for the smallest sets that succeed. It shrinks each set of `largestCompatible`. Then it exchanges one member
 * of each set that it found, and shrinks the results that succeed. It may miss sets.
 *
 * @param conflict - true if two members conflict
 * @param jobs - number of sets to try at the same time
 */
export async function searchMinimal(
  all: Candidate,
  conflict: (a: string, b: string) => boolean,
  trial: CandidateTester,
  jobs: number,
): Promise<SearchResult> {
  const minimal = new Map<string, Candidate>()
  const ends: Candidate[] = []
  const add = async (set: Candidate): Promise<void> => {
    const smallest = await deltaDebug(set, trial)
    minimal.set(smallest.join('\0'), smallest)
  }
  if ((await trial.left([])) === 0) return { minimal: [[]], closest: [] }
  for (const start of largestCompatible(all, conflict)) {
    const end = await descend(start, trial, jobs)
    if (await trial.succeeds(end)) await add(end)
    else ends.push(end)
  }
  // This also visits sets added during the loop: iteration over a Map includes new entries.
  for (const set of minimal.values()) {
    for (const one of set) {
      const rest = without(set, [one])
      const others = all.filter((other) => !set.includes(other) && !rest.some((two) => conflict(two, other)))
      const exchanged = others.map((other) => all.filter((two) => two === other || rest.includes(two)))
      const tried = await pMap(
        exchanged,
        async (candidate) => ((await trial.succeeds(candidate)) ? [candidate] : []),
        {
          concurrency: jobs,
        },
      )
      for (const candidate of tried.flat()) await add(candidate)
    }
  }
  if (minimal.size > 0)
    return { minimal: [...minimal.values()].toSorted((a, b) => a.length - b.length), closest: [] }
  const amounts = await Promise.all(ends.map(async (end) => ({ end, amount: await trial.left(end) })))
  const least = Math.min(...amounts.map(({ amount }) => amount))
  const closest = amounts.filter(({ amount }) => amount === least).map(({ end }) => end)
  return { minimal: [], closest: [...new Map(closest.map((end) => [end.join('\0'), end])).values()] }
}
