// SPDX-License-Identifier: GPL-2.0-only
import { findingKey } from '@pfo-workbench/oracle'
import type { Scenario } from '@pfo-workbench/run'
import type { Interaction } from '../interaction.ts'
import type { PlayedResults } from '../cells.ts'
import { maskOf } from '../verdict/masks.ts'
import { hasFinding, provesAbsent } from './run-findings.ts'

/** True if a scenario has the same machine and first steps as another one, and more steps. */
function continues(longer: Scenario, { machine, steps }: Scenario): boolean {
  return (
    longer.steps.length > steps.length &&
    JSON.stringify([longer.machine, longer.steps.slice(0, steps.length)]) === JSON.stringify([machine, steps])
  )
}

/** The continuations of each scenario, by its id. */
export function continuationsOf(scenarios: readonly Scenario[]): ReadonlyMap<string, readonly Scenario[]> {
  return new Map(scenarios.map((one) => [one.id, scenarios.filter((longer) => continues(longer, one))]))
}

/**
 * Findings of the unpatched kernel that the variant only seems to fix: they are masked, or return when the scenario
 * continues.
 */
export function findSeeminglyFixed(
  variant: PlayedResults,
  unpatched: PlayedResults,
  continuations: ReadonlyMap<string, readonly Scenario[]>,
): Interaction[] {
  const found = new Map<string, Interaction>()
  for (const [scenario, longer] of continuations) {
    const [run, unpatchedRun] = [variant.runs.get(scenario), unpatched.runs.get(scenario)]
    if (run == null || unpatchedRun == null) continue
    for (const finding of unpatchedRun.findings) {
      const key = findingKey(finding)
      if (found.has(key) || !provesAbsent(run, finding)) continue
      const shared = {
        variant: variant.stack.id,
        patches: variant.stack.patches.map(({ id }) => id),
        finding: { oracle: finding.oracle, subject: finding.subject },
      } as const
      const mask = maskOf(finding, 1, run, unpatchedRun)
      const later = longer.find(({ id }) => hasFinding(variant.runs.get(id), key))
      if (mask !== undefined) {
        const { oracle, subject } = mask
        found.set(key, { ...shared, kind: 'masked', scenario, mask: { oracle, subject } })
      } else if (later !== undefined) {
        found.set(key, { ...shared, kind: 'returns', goneIn: scenario, scenario: later.id })
      }
    }
  }
  return [...found.values()]
}

/**
 * Findings that the stack hides, but none of its patches alone. A finding that a patch alone hides is reported for that
 * patch.
 */
export function notHiddenBy(
  parts: readonly (readonly Interaction[])[],
  own: readonly Interaction[],
): Interaction[] {
  const keyOf = (one: Interaction): string => ('finding' in one ? findingKey(one.finding) : '')
  const known = new Set(parts.flat().map(keyOf))
  return own.filter((one) => !known.has(keyOf(one)))
}
