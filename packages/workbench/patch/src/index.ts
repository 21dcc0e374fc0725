// SPDX-License-Identifier: GPL-2.0-only
export type { FileChange } from './diff/diff.ts'
export type { FileChangeKind } from './diff/header.ts'
export type { Hunk } from './diff/hunks.ts'
export { PatchError, type PatchErrorCode } from './error.ts'
export { patchLimits, type PatchLimits } from './limits.ts'
export type { MailFields } from './mail/message.ts'
export type { SubjectTag } from './mail/subject-tag.ts'
export { kernelPaths, pathFault, type PatchPaths } from './paths.ts'
export {
  eachPatch,
  parseSeries,
  type ParseOptions,
  type Patch,
  type PatchSeries,
  type SkippedMail,
} from './series.ts'
export { applyPatch, applyStack, type ApplyOptions, type ReadFile, type StackResult } from './apply/apply.ts'
export type { MergeOptions, MergeTexts } from './apply/merging.ts'
export type { HunkDifference, DifferenceCause } from './apply/difference.ts'
export type { ElsewhereReason } from './apply/place-hunk.ts'
export type { ChangedFiles, FilePlace, FileResult, HunkResult, PatchResult } from './apply/result.ts'
export { reversedPatch } from './apply/reversed.ts'
export { explainResult } from './apply/wording.ts'
export type { Definition } from './definitions/definition.ts'
export {
  changedDefinitions,
  definitionAt,
  definitionsIn,
  type ChangedDefinition,
} from './definitions/definitions.ts'
export { idOfSubject, patchId } from './ids.ts'
