// SPDX-License-Identifier: GPL-2.0-only
import { parseModule } from '@pfo-workbench/ir'
import type { ContractFile } from '../contracts/schema.ts'
import { contractsWith } from '../contracts/table.ts'
import type { LineRange } from './entries.ts'
import { judgeChange, judgeFile, type Budgets, type JudgedFile, type FileVersion } from './judge.ts'
import { functionsAround, linesOutsideFunctions } from './lines-outside-functions.ts'

/** A version of a file as plain data. */
export interface TaskVersion {
  /** LLVM IR of the file. */
  readonly ir: string
  /** Source texts, by path in the tree. */
  readonly texts: ReadonlyMap<string, string>
  /** Lines that the patch touches; null if there is no patch. */
  readonly changed: readonly LineRange[] | null
}

/** One file to judge, as data that can be sent to another thread. */
export interface JudgeTask {
  readonly file: string
  /** Null: the file is new, or there is no patch. */
  readonly before: TaskVersion | null
  /** Null: the patch removes the file. */
  readonly after: TaskVersion | null
  /** Contracts in addition to the shipped ones. */
  readonly contracts: readonly ContractFile[]
  readonly classes: readonly string[]
  readonly budgets: Budgets
}

/** The result of a task. */
export interface JudgeAnswer {
  readonly judged: JudgedFile
  /** Changed lines of each version that are in no function. */
  readonly outside: { readonly before: readonly LineRange[]; readonly after: readonly LineRange[] }
  /** Lines of the changed functions of each version. */
  readonly inside: { readonly before: readonly LineRange[]; readonly after: readonly LineRange[] }
}

/** Parses the IR and judges the file. */
export function runTask(task: JudgeTask): JudgeAnswer {
  const contracts = contractsWith(task.contracts)
  const options = { contracts, classes: new Set(task.classes), budgets: task.budgets }
  const before = versionOf(task.before)
  const after = versionOf(task.after)
  const ranges = (version: FileVersion | null, pick: typeof linesOutsideFunctions): readonly LineRange[] =>
    version === null ? [] : pick(version.module, task.file, version.changed)
  const isPatched = (task.before ?? task.after)?.changed != null
  const judged =
    isPatched || after === null
      ? judgeChange(task.file, before, after, options)
      : judgeFile(task.file, after, options)
  return {
    judged,
    outside: { before: ranges(before, linesOutsideFunctions), after: ranges(after, linesOutsideFunctions) },
    inside: { before: ranges(before, functionsAround), after: ranges(after, functionsAround) },
  }
}

function versionOf(version: TaskVersion | null): FileVersion | null {
  if (version === null) return null
  const { ir, texts, changed } = version
  const readFile = (path: string): string | null => texts.get(path.replace(/^(\.\/)+/, '')) ?? null
  return { module: parseModule(ir), readFile, changed: changed ?? [] }
}
