// SPDX-License-Identifier: GPL-2.0-only
import { differencesOf, reasonOf, type Difference } from '@pfo-workbench/engine-c'
import { examine, findingKey } from '@pfo-workbench/oracle'
import { printable, wrapped, type NamedRun } from '@pfo-workbench/report'
import type { Scenario } from '@pfo-workbench/run'

/** Lists the findings that only one side has, with the reason if it is known. */
export function findingsText({ id }: Scenario, inC: NamedRun, inModels: NamedRun): string {
  const [own, others] = [inC, inModels].map(({ run }) => examine(run).map(findingKey)) as [string[], string[]]
  const differences = differencesOf(id, own, others)
  if (differences.length === 0)
    return `${wrapped('', `${inC.name} and the ${inModels.name} have the same findings in ${id}: ${String(own.length)}.`)}\n`
  const line = (difference: Difference): string => {
    const { side, key } = difference
    const reason = reasonOf(difference)
    return wrapped(
      '  ',
      printable(`${side === 'C' ? 'C' : 'models'}: ${key}${reason === null ? '' : ` (${reason})`}`),
    )
  }
  return `${[`Findings that only one has:`, ...differences.map(line)].join('\n')}\n`
}
