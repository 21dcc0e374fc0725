// SPDX-License-Identifier: GPL-2.0-only
import { baselineStack, loadStacks, stackOfId } from '@pfo-workbench/compare'
import { oracles } from '@pfo-workbench/oracle'
import { printable } from '@pfo-workbench/report'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { UsageError } from './errors.ts'
import { print } from './output.ts'
import { defaultSeries, patchFolder, shippedPatchIds } from './shipped.ts'

/** What can be listed. */
export const listable = ['patches', 'variants', 'scenarios', 'oracles'] as const

export type Listable = (typeof listable)[number]

interface Row {
  readonly id: string
  readonly title: string
}

function rowsOf(what: Listable): readonly Row[] {
  switch (what) {
    case 'patches':
      return shippedPatchIds().map((id) => stackOfId(patchFolder, id))
    case 'variants':
      return [baselineStack, ...loadStacks(defaultSeries)]
    case 'scenarios':
      return shippedScenarios()
    case 'oracles':
      return oracles
  }
}

/** Prints ids and titles, one a line, the ids in a column. */
export async function listCommand(what: Listable): Promise<void> {
  if (!listable.includes(what)) {
    throw new UsageError(`"${what as string}" cannot be listed; there are ${listable.join(', ')}`)
  }
  const rows = rowsOf(what)
  const width = Math.max(...rows.map((row) => row.id.length))
  await print(rows.map((row) => `${row.id.padEnd(width)}  ${printable(row.title)}\n`).join(''))
}
