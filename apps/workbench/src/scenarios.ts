// SPDX-License-Identifier: GPL-2.0-only
import { shippedScenarios, type Scenario } from '@pfo-workbench/scenario'
import { UsageError } from './errors.ts'

/** The scenarios of these ids, in the order of the shipped ones; all without ids. @throws UsageError for an unknown id */
export function chooseScenarios(ids: readonly string[] | undefined): Scenario[] {
  const all = shippedScenarios()
  if (ids === undefined) return all
  for (const id of ids) {
    if (!all.some((scenario) => scenario.id === id)) {
      throw new UsageError(
        `there is no scenario "${id}"; there are ${all.map((scenario) => scenario.id).join(', ')}`,
      )
    }
  }
  return all.filter((scenario) => ids.includes(scenario.id))
}
