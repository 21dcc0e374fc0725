// SPDX-License-Identifier: GPL-2.0-only
import { suggestion } from '@pfo-workbench/input'
import { scenarioSets, type Scenario } from '@pfo-workbench/run'
import { loadScenario, shippedScenarios } from '@pfo-workbench/scenario'
import { UsageError } from './errors.ts'
import { checkSwallowed } from './variants.ts'

type SetName = (typeof scenarioSets)[number]

/** Whether a word names a set of scenarios. */
function isSet(word: string): word is SetName {
  return scenarioSets.some((set) => set === word)
}

function scenarioOf(word: string, shipped: readonly Scenario[]): Scenario {
  if (/\.ya?ml$/.test(word)) return loadScenario(word)
  const found = shipped.find(({ id }) => id === word)
  if (found !== undefined) return found
  const ids = shipped.map(({ id }) => id)
  const hint = suggestion(word, ids)
  throw new UsageError(
    `there is no scenario "${word}".${hint === '' ? ` There are ${ids.join(', ')}` : hint} ("pfo list scenarios" says what they do)`,
  )
}

/**
 * The scenarios that `--scenario` names: those of ids and of sets (`standard`, `all`), in the order of the shipped ones, then
 * those of files (`*.yaml`) in the order given; the standard ones without it.
 *
 * @throws UsageError for an unknown id, or two scenarios of one id
 * @throws ScenarioError for a file that is no scenario
 */
export function chooseScenarios(words: readonly string[] | undefined): Scenario[] {
  if (words === undefined) return shippedScenarios()
  const all = shippedScenarios('all')
  const standard = all.slice(0, shippedScenarios().length)
  for (const word of words) checkSwallowed('--scenario', word)
  const named = [...new Set(words)].flatMap((word) => {
    if (isSet(word)) return word === 'all' ? all : standard
    return [scenarioOf(word, all)]
  })
  const chosen = [
    ...all.filter((scenario) => named.includes(scenario)),
    ...named.filter((scenario) => !all.includes(scenario)),
  ]
  const twice = chosen.find(({ id }, index) => chosen.findIndex((other) => other.id === id) !== index)
  if (twice !== undefined) throw new UsageError(`two scenarios have the id "${twice.id}"; each needs its own`)
  return chosen
}

/** The scenario of an id or of a file. @throws UsageError, ScenarioError */
export function chooseScenario(word: string): Scenario {
  if (isSet(word))
    throw new UsageError(`"${word}" is a set of scenarios; accepted here: the id or the file of one`)
  return scenarioOf(word, shippedScenarios('all'))
}
