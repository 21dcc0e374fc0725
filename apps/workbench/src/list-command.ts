// SPDX-License-Identifier: GPL-2.0-only
import { unpatchedStack, loadStacks, stackOfId } from '@pfo-workbench/compare'
import { ModelEngine, readSymbols } from '@pfo-workbench/engine-models'
import { oracles } from '@pfo-workbench/oracle'
import { printable } from '@pfo-workbench/wording'
import { suggestion } from '@pfo-workbench/input'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { listable, type Listable } from './choices.ts'
import { UsageError } from './usage-error.ts'
import type { KernelOptions } from './kernel/kernel-options.ts'
import { print } from './output.ts'
import { defaultStacksFile, patchFolder, shippedPatchIds } from './shipped.ts'
import { symbolTable, symbolTableText } from './symbol-table.ts'

/** An entry of a list of `pfo list`. */
interface Row {
  readonly id: string
  readonly title: string
  /** The set of a scenario. */
  readonly set?: string
}

function rowsOf(what: Exclude<Listable, 'symbols'>): readonly Row[] {
  const engine = new ModelEngine()
  switch (what) {
    case 'patches':
      return shippedPatchIds().map((id) => stackOfId(patchFolder, id, engine))
    case 'variants':
      return [unpatchedStack(engine), ...loadStacks(defaultStacksFile, engine)]
    case 'scenarios':
      return (['standard', 'extended'] as const).flatMap((set) =>
        shippedScenarios(set).map(({ id, title }) => ({ id, title, set })),
      )
    case 'oracles':
      return oracles
  }
}

/**
 * Prints ids and titles in columns, one per line; for scenarios also their set. For symbols, prints kernel files, the
 * functions that are modelled, and the positions of the models.
 *
 * @param match - prints only ids that contain this text; for symbols, only names or kernel files that contain it
 * @throws UsageError for an unknown list
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
    const { listForTree } = await import('./kernel/list-for-tree.ts')
    await print(await listForTree(what, match, kernel))
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
