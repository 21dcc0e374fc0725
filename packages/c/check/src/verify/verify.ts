// SPDX-License-Identifier: GPL-2.0-only
import type { IrModule } from '@pfo-workbench/ir'
import type { ContractTable } from '../contracts/table.ts'
import { contextOf } from '../explore/context.ts'
import { observe, type Budget } from '../explore/explore.ts'
import type { PathStep } from '../findings/finding.ts'
import { linesOf } from '../judge/entries.ts'
import { differencesAtReturn, type Deviation } from './effects.ts'

/** Budget for one function. The list walks of drivers/of need more than an average driver. */
const verifyBudget: Budget = { steps: 1_000_000, paths: 1_500 }

/** A way in which a function deviates from its contract. */
export interface FoundDeviation {
  readonly difference: Deviation
  /** Line of the return. */
  readonly line: number
  /** Number of paths with the deviation. */
  readonly paths: number
  /** The decisions of the shortest such path. */
  readonly path: readonly PathStep[]
}

/** A function whose body was verified against its contract. */
export interface VerifiedFunction {
  readonly name: string
  readonly file: string
  readonly line: number
  /** Number of explored paths, including those that ended in a state seen before. */
  readonly paths: number
  readonly complete: boolean
  readonly approximate: boolean
  readonly differences: readonly FoundDeviation[]
}

/**
 * Verifies the bodies of a file's functions against their contracts. Trusts the contracts of callees, because each
 * callee is verified where it is defined. Leaves out functions that have no contract, never return, or implement the
 * counting.
 *
 * @param readFile - returns the text of a source file by its name in the debug information; null if there is none.
 */
export function verifyFile(
  file: string,
  module: IrModule,
  readFile: (file: string) => string | null,
  contracts: ContractTable,
  budget: Budget = verifyBudget,
): readonly VerifiedFunction[] {
  const context = contextOf(module, contracts, readFile)
  const verified: VerifiedFunction[] = []
  for (const name of module.functions.keys()) {
    const contract = contracts.function(name)
    const lines = linesOf(module, name, file)
    if (contract === undefined || lines === null || contract.noReturn === true) continue
    // Functions that implement the counting cannot be verified by counting.
    if (contract.counts === true || isPrimitive(contracts, name)) continue
    const found = new Map<string, FoundDeviation>()
    const exploration = observe(context, name, budget, (path, ledger, returned, args) => {
      for (const difference of differencesAtReturn(path, ledger, returned, contract, args)) {
        const key = JSON.stringify(difference)
        const known = found.get(key)
        const better = known === undefined || path.steps.length < known.path.length
        found.set(key, {
          difference,
          line: better ? path.stepInSource('').line : known.line,
          paths: (known?.paths ?? 0) + 1,
          path: better ? [...path.steps] : known.path,
        })
      }
    })
    const { paths, complete, approximate } = exploration
    verified.push({
      name,
      file,
      line: lines.first,
      paths,
      complete,
      approximate,
      differences: [...found.values()],
    })
  }
  return verified
}

/**
 * True for the primitives on which all counting is based: functions that only take a reference, and the put of a class.
 */
function isPrimitive(contracts: ContractTable, name: string): boolean {
  const contract = contracts.function(name)
  if (contract?.class === undefined || contract.returns === 'reference') return false
  const isPut = contracts.class(contract.class)?.drop === name
  const isGet = contract.takes !== undefined && contract.drops === undefined
  return isPut || isGet
}
