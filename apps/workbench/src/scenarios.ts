// SPDX-License-Identifier: GPL-2.0-only
import { suggestion } from '@pfo-workbench/input'
import { scenarioSets, type Scenario } from '@pfo-workbench/run'
import { loadScenario, shippedScenarios } from '@pfo-workbench/scenario'
import { UsageError } from './usage-error.ts'
import { matchIds } from './match-ids.ts'
import { checkSwallowed } from './variants.ts'

type SetName = (typeof scenarioSets)[number]

/** True if an argument names a set of scenarios. */
function isSet(argument: string): argument is SetName {
  return scenarioSets.some((set) => set === argument)
}

/** The scenarios that an argument means: an id, a prefix of ids, a pattern, or a file. */
function scenariosOf(argument: string, shipped: readonly Scenario[]): Scenario[] {
  if (/\.ya?ml$/.test(argument)) return [loadScenario(argument)]
  const ids = shipped.map(({ id }) => id)
  const meant = matchIds(argument, ids)
  if (meant.length > 0) return shipped.filter(({ id }) => meant.includes(id))
  const hint = suggestion(argument, ids)
  throw new UsageError(
    `there is no scenario "${argument}".${hint} Accepted: ids ("pfo list scenarios" names them), beginnings of ids, patterns (lpm-*), files (*.yaml), standard, all`,
  )
}

/**
 * The scenarios that `--scenario` selects: ids, beginnings of ids, patterns (`lpm-*`) and sets (`standard`, `all`) in
 * the order of the shipped scenarios, then files (`*.yaml`) in the order given. Without `--scenario`: the standard
 * scenarios.
 *
 * @throws UsageError for an unknown id, or for two scenarios with the same id
 * @throws ScenarioError for a file that is not a scenario
 */
export function chooseScenarios(scenarioArguments: readonly string[] | undefined): Scenario[] {
  if (scenarioArguments === undefined) return shippedScenarios()
  const all = shippedScenarios('all')
  const standard = all.slice(0, shippedScenarios().length)
  for (const argument of scenarioArguments) checkSwallowed('--scenario', argument)
  const named = [...new Set(scenarioArguments)].flatMap((argument) => {
    if (isSet(argument)) return argument === 'all' ? all : standard
    return scenariosOf(argument, all)
  })
  const chosen = [
    ...all.filter((scenario) => named.includes(scenario)),
    ...named.filter((scenario) => !all.includes(scenario)),
  ]
  const twice = chosen.find(({ id }, index) => chosen.findIndex((other) => other.id === id) !== index)
  if (twice !== undefined) throw new UsageError(`two scenarios have the id "${twice.id}"; each needs its own`)
  return chosen
}

/** The scenario that an argument means: an id, a unique prefix, or a file. @throws UsageError, ScenarioError */
export function chooseScenario(argument: string): Scenario {
  if (isSet(argument))
    throw new UsageError(`"${argument}" is a set of scenarios; accepted here: the id or the file of one`)
  const [scenario, ...others] = scenariosOf(argument, shippedScenarios('all'))
  if (scenario !== undefined && others.length === 0) return scenario
  const ids = [scenario, ...others].map((one) => one?.id ?? '').join(', ')
  throw new UsageError(`"${argument}" may be one of ${ids}; accepted here: one scenario`)
}
