// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import type { Scenario } from '@pfo-workbench/run'
import type { Interaction } from '../interaction.ts'
import { provesAbsent } from './run-findings.ts'
import type { LazyStackRuns } from './lazy-stack-runs.ts'
import type { StackDecomposition } from './stack-decomposition.ts'

/** A finding in one scenario. */
interface FindingInScenario {
  readonly scenario: Scenario
  readonly finding: Finding
}

/** Plays the scenarios of these findings on the given stacks. */
async function playAt(parts: readonly LazyStackRuns[], places: readonly FindingInScenario[]): Promise<void> {
  const scenarios = [...new Set(places.map(({ scenario }) => scenario))]
  await Promise.all(parts.map((part) => part.playIn(scenarios)))
}

/** Finds the findings of a stack that neither the unpatched kernel nor any single patch has. */
export async function findCombinations({
  variant,
  unpatched,
  parts,
  without,
  scenarios,
}: StackDecomposition): Promise<Interaction[]> {
  const own = scenarios.flatMap((scenario): FindingInScenario[] =>
    (variant.runIn(scenario.id)?.findings ?? [])
      .filter((finding) => provesAbsent(unpatched.runIn(scenario.id), finding))
      .map((finding) => ({ scenario, finding })),
  )
  await playAt(parts, own)
  const combined = own.filter(({ scenario, finding }) => {
    // A patch that cannot be played alone proves nothing.
    const alone = parts.map((part) => part.runIn(scenario.id)).filter((run) => run !== null)
    return alone.every((run) => provesAbsent(run, finding))
  })
  await playAt(without, combined)
  const found = new Map<string, { finding: Finding; patches: Set<string>; scenarios: string[] }>()
  for (const { scenario, finding } of combined) {
    const needed = variant.ids.filter((_id, index) =>
      provesAbsent(without[index]?.runIn(scenario.id) ?? null, finding),
    )
    const key = findingKey(finding)
    const known = found.get(key) ?? { finding, patches: new Set<string>(), scenarios: [] }
    found.set(key, known)
    known.scenarios.push(scenario.id)
    for (const id of needed.length > 1 ? needed : variant.ids) known.patches.add(id)
  }
  return [...found.values()].flatMap(
    ({ finding: { oracle, subject }, patches, scenarios: [first, ...more] }) => {
      if (first === undefined) return []
      return [
        {
          variant: variant.stack.id,
          kind: 'combination' as const,
          patches: variant.ids.filter((id) => patches.has(id)),
          finding: { oracle, subject },
          scenarios: [first, ...more] as const,
        },
      ]
    },
  )
}
