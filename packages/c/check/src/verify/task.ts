// SPDX-License-Identifier: GPL-2.0-only
import { parseModule } from '@pfo-workbench/ir'
import type { ContractFile } from '../contracts/schema.ts'
import { contractsWith } from '../contracts/table.ts'
import { verifyFile, type VerifiedFunction } from './verify.ts'

/** A file whose functions are verified against their contracts, as data that can be sent to another thread. */
export interface VerifyTask {
  readonly verify: string
  /** LLVM IR of the file. */
  readonly ir: string
  readonly text: string
  readonly contracts: readonly ContractFile[]
}

/** Parses the IR, and verifies the functions of the file against their contracts. */
export function runVerifyTask({
  verify: file,
  ir,
  text,
  contracts,
}: VerifyTask): readonly VerifiedFunction[] {
  const readFile = (path: string): string | null => (path.replace(/^(\.\/)+/, '') === file ? text : null)
  return verifyFile(file, parseModule(ir), readFile, contractsWith(contracts))
}
