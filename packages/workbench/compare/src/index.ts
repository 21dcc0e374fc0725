// SPDX-License-Identifier: GPL-2.0-only
export type {
  Cell,
  Comparison,
  FindingStatus,
  JudgedFinding,
  VariantStatus,
  VariantSummary,
} from './comparison.ts'
export { judge, type ExaminedRun } from './judge.ts'
export { modelPackages } from './models.ts'
export { rankVariants } from './rank.ts'
export {
  baselineId,
  baselineStack,
  loadPatch,
  loadStacks,
  SeriesError,
  stackOfFile,
  stackOfId,
  type Stack,
} from './stacks.ts'
export { compare, CompareError, type CompareOptions, type ProgressState } from './compare.ts'
export { runOne, type OneRun } from './player.ts'
