// SPDX-License-Identifier: GPL-2.0-only
import type { IrModule } from '@pfo-workbench/ir'
import type { ContractTable } from '../contracts/table.ts'
import { evaluate } from '../path/operands.ts'
import type { PathContext } from '../path/path.ts'
import { SourceText } from '../path/source-text.ts'
import { ModuleFacts } from './module-facts.ts'

/**
 * Creates the context for executing the functions of a module.
 *
 * @param readFile - returns the text of a source file by its name in the debug information; null if there is none.
 */
export function contextOf(
  module: IrModule,
  contracts: ContractTable,
  readFile: (file: string) => string | null,
): PathContext {
  return {
    module,
    contracts,
    facts: new ModuleFacts(module, contracts),
    source: new SourceText(readFile),
    limits: { steps: 60_000, depth: 14, branch: 2 },
    evaluate: (path, value) => evaluate(path, value, null),
  }
}
