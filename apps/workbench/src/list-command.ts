// SPDX-License-Identifier: GPL-2.0-only
import { baselineOf, loadStacks, stackOfId } from '@pfo-workbench/compare'
import { ModelEngine, readSymbols } from '@pfo-workbench/engine-models'
import { oracles } from '@pfo-workbench/oracle'
import { printable } from '@pfo-workbench/report'
import { suggestion } from '@pfo-workbench/input'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { UsageError } from './errors.ts'
import type { KernelOptions } from './kernel/kernel-options.ts'
import { kernelList } from './kernel/list-kernel.ts'
import { print } from './output.ts'
import { defaultSeries, patchFolder, shippedPatchIds } from './shipped.ts'
import { symbolTable, symbolTableText } from './symbol-table.ts'

/** What can be listed. */
export const listable = ['patches', 'variants', 'scenarios', 'oracles', 'symbols'] as const

export type Listable = (typeof listable)[number]

interface Row {
  readonly id: string
  readonly title: string
  /** Of a scenario: the set that it belongs to. */
  readonly set?: string
}

function rowsOf(what: Exclude<Listable, 'symbols'>): readonly Row[] {
  const engine = new ModelEngine()
  switch (what) {
    case 'patches':
      return shippedPatchIds().map((id) => stackOfId(patchFolder, id, engine))
    case 'variants':
      return [baselineOf(engine), ...loadStacks(defaultSeries, engine)]
    case 'scenarios':
      return (['standard', 'extended'] as const).flatMap((set) =>
        shippedScenarios(set).map(({ id, title }) => ({ id, title, set })),
      )
    case 'oracles':
      return oracles
  }
}

/**
 * Prints ids and titles, one a line, the ids in a column, of scenarios also the set that they belong to; of symbols, kernel files with what of them is modelled, and where.
 *
 * @param match - only what contains this text in its id; of symbols, in the name or in the path of the kernel file
 */
export async function listCommand(
  what: Listable,
  match = '',
  { kernel }: Pick<KernelOptions, 'kernel'> = {},
): Promise<void> {
  if (!listable.includes(what)) {
    throw new UsageError(
      `"${what as string}" cannot be listed.${suggestion(what, listable)} Accepted: ${listable.join(', ')}`,
    )
  }
  if (kernel !== undefined) {
    await print(await kernelList(what, match, kernel))
    return
  }
  if (what === 'symbols') {
    await print(await symbolsText(match))
    return
  }
  const rows = rowsOf(what).filter(({ id }) => id.includes(match))
  const width = Math.max(0, ...rows.map((row) => row.id.length))
  const line = ({ id, title, set }: Row): string =>
    [id.padEnd(width), ...(set === undefined ? [] : [set]), printable(title)].join('  ')
  await print(rows.map((row) => `${line(row)}\n`).join(''))
}

async function symbolsText(match: string): Promise<string> {
  const { symbols, functions } = await readSymbols()
  return symbolTableText(symbolTable(symbols, functions, match), functions.version)
}
