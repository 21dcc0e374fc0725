// SPDX-License-Identifier: GPL-2.0-only
import { shippedScenarios, type Scenario } from '@pfo-workbench/scenario'
import { UsageError } from './errors.ts'
import { suggestion } from './suggest.ts'

function unknownScenario(id: string, ids: readonly string[]): UsageError {
  if (id.endsWith('.patch')) {
    return new UsageError(
      `"${id}" is a patch file, and --scenario takes every word that follows it: name patch files first, or put "--" before them`,
    )
  }
  const hint = suggestion(id, ids)
  return new UsageError(
    `there is no scenario "${id}".${hint === '' ? ` There are ${ids.join(', ')}` : hint} ("pfo list scenarios" says what they do)`,
  )
}

/** The scenarios of these ids, in the order of the shipped ones; all without ids. @throws UsageError for an unknown id */
export function chooseScenarios(ids: readonly string[] | undefined): Scenario[] {
  const all = shippedScenarios()
  if (ids === undefined) return all
  const known = all.map((scenario) => scenario.id)
  for (const id of ids) if (!known.includes(id)) throw unknownScenario(id, known)
  return all.filter((scenario) => ids.includes(scenario.id))
}

/** The scenario of an id. @throws UsageError for an unknown id */
export function chooseScenario(id: string): Scenario {
  const [scenario] = chooseScenarios([id])
  if (scenario === undefined) throw unknownScenario(id, [])
  return scenario
}
