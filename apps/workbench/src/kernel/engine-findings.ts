// SPDX-License-Identifier: GPL-2.0-only
import { differencesOf, knownReasonOf } from '@pfo-workbench/engine-c'
import { examine, findingKey } from '@pfo-workbench/oracle'
import { toFindingsDiffText, type NamedRun } from '@pfo-workbench/report'
import type { Scenario } from '@pfo-workbench/run'

/** Lists the findings that only one side has, with the reason if it is known. */
export function findingsText({ id }: Scenario, inC: NamedRun, inModels: NamedRun): string {
  const [own, others] = [inC, inModels].map(({ run }) => examine(run).map(findingKey)) as [string[], string[]]
  const differences = differencesOf(id, own, others).map((difference) => ({
    side: difference.side === 'C' ? 'C' : 'models',
    finding: difference.key,
    reason: knownReasonOf(difference),
  }))
  return toFindingsDiffText(id, [inC.name, `the ${inModels.name}`], own.length, differences)
}
