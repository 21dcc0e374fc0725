// SPDX-License-Identifier: GPL-2.0-only
import { suggestion } from '@pfo-workbench/input'
import type { Scenario } from '@pfo-workbench/run'
import { loadScenario, shippedScenarios } from '@pfo-workbench/scenario'
import { UsageError } from './errors.ts'
import { idsMeant } from './scenario-words.ts'
import { checkSwallowed } from './variants.ts'

/** The scenarios that a word means: of an id, of ids that begin so, of a pattern, or of a file. */
function scenariosOf(word: string, shipped: readonly Scenario[]): Scenario[] {
  if (/\.ya?ml$/.test(word)) return [loadScenario(word)]
  const ids = shipped.map(({ id }) => id)
  const meant = idsMeant(word, ids)
  if (meant.length > 0) return shipped.filter(({ id }) => meant.includes(id))
  // The beginning of an id is accepted, so one may be meant.
  const hint = suggestion(word, [...ids, ...ids.map((id) => id.slice(0, word.length))])
  throw new UsageError(
    `there is no scenario "${word}".${hint === '' ? ` There are ${ids.join(', ')}` : hint} ("pfo list scenarios" says what they do)`,
  )
}

/**
 * The scenarios that `--scenario` names: those of ids, in the order of the shipped ones, then those of files (`*.yaml`) in the
 * order given; all shipped ones without it.
 *
 * @throws UsageError for an unknown id, or two scenarios of one id
 * @throws ScenarioError for a file that is no scenario
 */
export function chooseScenarios(words: readonly string[] | undefined): Scenario[] {
  const all = shippedScenarios()
  if (words === undefined) return all
  for (const word of words) checkSwallowed('--scenario', word)
  const named = [...new Set(words)].flatMap((word) => scenariosOf(word, all))
  const chosen = [
    ...all.filter((scenario) => named.includes(scenario)),
    ...named.filter((scenario) => !all.includes(scenario)),
  ]
  const twice = chosen.find(({ id }, index) => chosen.findIndex((other) => other.id === id) !== index)
  if (twice !== undefined) throw new UsageError(`two scenarios have the id "${twice.id}"; each needs its own`)
  return chosen
}

/** The scenario of an id, of the beginning of one, or of a file. @throws UsageError, ScenarioError */
export function chooseScenario(word: string): Scenario {
  const [scenario, ...others] = scenariosOf(word, shippedScenarios())
  if (scenario !== undefined && others.length === 0) return scenario
  const ids = [scenario, ...others].map((one) => one?.id ?? '').join(', ')
  throw new UsageError(`"${word}" may be one of ${ids}; accepted here: one scenario`)
}
