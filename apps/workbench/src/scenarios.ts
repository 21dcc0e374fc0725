// SPDX-License-Identifier: GPL-2.0-only
import { loadScenario, shippedScenarios, suggestion, type Scenario } from '@pfo-workbench/scenario'
import { UsageError } from './errors.ts'

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

/** Whether a word names a scenario file rather than a shipped scenario. */
function isFile(word: string): boolean {
  return /\.ya?ml$/.test(word)
}

/**
 * The scenarios of these ids, in the order of the shipped ones, then those of files (`*.yaml`) in the order given; all shipped
 * ones without any.
 *
 * @throws UsageError for an unknown id, or two scenarios of one id
 * @throws ScenarioError for a file that is no scenario
 */
export function chooseScenarios(words: readonly string[] | undefined): Scenario[] {
  const all = shippedScenarios()
  if (words === undefined) return all
  const known = all.map((scenario) => scenario.id)
  const ids = words.filter((word) => !isFile(word))
  for (const id of ids) if (!known.includes(id)) throw unknownScenario(id, known)
  const chosen = [
    ...all.filter((scenario) => ids.includes(scenario.id)),
    ...[...new Set(words.filter(isFile))].map(loadScenario),
  ]
  const twice = chosen.find(({ id }, index) => chosen.findIndex((other) => other.id === id) !== index)
  if (twice !== undefined) throw new UsageError(`two scenarios have the id "${twice.id}"; each needs its own`)
  return chosen
}

/** The scenario of an id or of a file. @throws as `chooseScenarios` */
export function chooseScenario(id: string): Scenario {
  const [scenario] = chooseScenarios([id])
  if (scenario === undefined) throw unknownScenario(id, [])
  return scenario
}
