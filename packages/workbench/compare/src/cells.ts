// SPDX-License-Identifier: GPL-2.0-only
import { findingKey } from '@pfo-workbench/oracle'
import type { Scenario } from '@pfo-workbench/run'
import { changesOf } from './changes/changes.ts'
import { CompareError } from './compare-error.ts'
import type { Cell } from './comparison.ts'
import { addNames } from './names-by-key.ts'
import type { ExaminedRun, RunResult } from './play/examined-schema.ts'
import type { PlayedVariant } from './play/player.ts'
import { keyWithoutGeneration } from './verdict/finding-objects.ts'
import { codeInFunctions } from './verdict/changed-code.ts'
import type { PatchFacts } from './verdict/hidden-by-end.ts'
import { withoutMasksOfHandOvers } from './verdict/handed-over.ts'
import { judge, unjudged } from './verdict/judge.ts'
import type { JudgedFinding } from './verdict/status.ts'

/** A played variant whose runs are reduced to their results. */
export interface PlayedResults extends Omit<PlayedVariant, 'runs'> {
  /** By scenario; null for a run that timed out, absent for one that crashed or was not played. */
  readonly runs: ReadonlyMap<string, RunResult | null>
}

/** A variant and its cells. The rest of its runs is dropped, so that many variants fit into memory. */
export interface JudgedVariant extends PlayedResults {
  readonly cells: readonly Cell[]
}

/** Reduces the runs of a variant to their results, in which a theft that is a hand-over masks no other findings. */
export function reduced(variant: PlayedVariant, unpatched: PlayedVariant): PlayedResults {
  const runs = [...variant.runs].map(([scenario, run]): [string, RunResult | null] => {
    if (run === null) return [scenario, null]
    const { outcome, brokenOffIn } = run
    const before = unpatched.runs.get(scenario)
    const findings = before == null ? run.findings : withoutMasksOfHandOvers(before, run)
    return [scenario, { outcome, findings, brokenOffIn }]
  })
  return { ...variant, runs: new Map(runs) }
}

/** A cell whose run timed out, so that nothing else is known. */
const timedOut = {
  outcome: 'timeout',
  assumed: [],
  changes: [],
  console: [],
  steps: [],
  story: null,
} as const

/** Returns the run of the unpatched kernel, which every verdict needs. */
function unpatchedRun(unpatched: PlayedVariant, scenario: string): ExaminedRun {
  const run = unpatched.runs.get(scenario)
  if (run != null) return run
  const why = `${unpatched.status} ${unpatched.reason ?? ''}`.trim()
  throw new CompareError(`the unpatched kernel could not be played in ${scenario}: ${why}`)
}

/** Facts about the unpatched kernel that are the same for all variants and scenarios. */
export type UnpatchedFacts = Omit<PatchFacts, 'changed' | 'introducedAnywhere'>

/** Collects these facts from the runs of the unpatched kernel. */
export function unpatchedFacts({ runs }: PlayedVariant): UnpatchedFacts {
  const found = new Map<string, string>()
  const droppedIn = new Map<string, Set<string>>()
  const writtenIn = new Map<string, Set<string>>()
  for (const [scenario, run] of runs) {
    for (const key of run?.findings.map(keyWithoutGeneration) ?? [])
      if (!found.has(key)) found.set(key, scenario)
    for (const { by, droppedIn: functions } of run?.lives.flatMap(({ holders }) => holders) ?? [])
      addNames(droppedIn, by, functions)
    for (const { state, functions } of run?.writers ?? []) addNames(writtenIn, state, functions)
  }
  return { unpatchedAnywhere: found, droppedIn, writtenIn }
}

/**
 * Keys of the findings that are introduced in any scenario. Surpluses are left out: the unpatched kernel has these
 * findings too.
 */
function introducedIn(verdicts: ReadonlyMap<string, readonly JudgedFinding[]>): ReadonlySet<string> {
  const introduced = [...verdicts.values()]
    .flat()
    .filter(({ status, surplus }) => status === 'introduced' && surplus === undefined)
  return new Set(introduced.map(findingKey))
}

/**
 * Compares the runs of a variant with those of the unpatched kernel.
 *
 * @param facts - `unpatchedFacts` of the unpatched kernel
 * @param stories - false to leave `story` out
 * @returns a cell for each scenario whose run did not crash
 * @throws CompareError if the run of the unpatched kernel is missing
 */
export function cellsOf(
  unpatched: PlayedVariant,
  facts: UnpatchedFacts,
  { stack, runs, changedFunctions: functions }: PlayedVariant,
  scenarios: readonly Scenario[],
  stories: boolean,
): Cell[] {
  const known = { changed: codeInFunctions(functions), ...facts }
  const judgedBy = (patchFacts: PatchFacts): Map<string, JudgedFinding[]> =>
    new Map(
      scenarios.flatMap(({ id }) => {
        const own = runs.get(id)
        return own == null ? [] : [[id, judge(unpatchedRun(unpatched, id), own, patchFacts)]]
      }),
    )
  const first = judgedBy(known)
  const introducedAnywhere = introducedIn(first)
  const verdicts = introducedAnywhere.size === 0 ? first : judgedBy({ ...known, introducedAnywhere })
  return scenarios.flatMap(({ id: scenario }): Cell[] => {
    const own = runs.get(scenario)
    if (own === undefined) return []
    const before = unpatchedRun(unpatched, scenario)
    if (own === null) return [{ variant: stack.id, scenario, ...timedOut, findings: unjudged(before) }]
    const { outcome, unmodelled, assumed, console, steps } = own
    const story = stories ? own.story : null
    const findings = verdicts.get(scenario) ?? []
    const changes = changesOf(before, own, findings)
    const end = { outcome, ...(unmodelled === null ? {} : { unmodelled }), assumed }
    return [{ variant: stack.id, scenario, ...end, findings, changes, console, steps, story }]
  })
}
