// SPDX-License-Identifier: GPL-2.0-only
export type { ClassContract, ContractFile, ContractFileInput, FunctionContract } from './contracts/schema.ts'
export { ContractTable, contractsWith, parseContracts } from './contracts/table.ts'
export { CheckError, type CheckErrorCode } from './error.ts'
export type { Budget } from './explore/explore.ts'
export type { PatchEffect, ComparedFinding } from './findings/compare.ts'
export type {
  Doubt,
  Finding,
  FindingData,
  Origin,
  PathStep,
  SourceLine,
  Rule,
  Severity,
} from './findings/finding.ts'
export type { LineRange } from './judge/entries.ts'
export {
  defaultBudgets,
  judgeChange,
  judgeFile,
  type Budgets,
  type ExecutedFunction,
  type JudgedFile,
  type JudgeOptions,
  type FileVersion,
} from './judge/judge.ts'
export { balance, sentence } from './report/wording.ts'
export type {
  CheckDocument,
  CheckedFinding,
  CheckedFunction,
  CheckedPatch,
  CheckState,
} from './report/document.ts'
export { checkDocument } from './report/document.ts'
export type { NamedConfiguration } from './drive/builds.ts'
export { Checker, type CheckerOptions, type PatchedFile, type PatchToCheck } from './drive/checker.ts'
export { checkFailOn, checkFormats, type CheckFailOn, type CheckFormat } from './report/choices.ts'
export { checkExitCode, checkReport } from './report/formats.ts'
export {
  isCheckDocument,
  mergeCheckDocuments,
  parseCheckDocument,
  type NamedDocument,
} from './report/merge.ts'
export { verifiedText, type VerifiedDocument } from './report/verified.ts'
export type { VerifiedFile } from './drive/verify-file-contracts.ts'
export type { FoundDeviation, VerifiedFunction } from './verify/verify.ts'
export type { Deviation } from './verify/effects.ts'
export type { ReportOptions } from './report/text.ts'
