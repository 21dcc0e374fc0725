// SPDX-License-Identifier: GPL-2.0-only
export type {
  Cell,
  Comparison,
  LeftOutScenario,
  PatchDiff,
  VariantStatus,
  VariantSummary,
} from './comparison.ts'
export { interactionSchema, type FindingName, type Interaction, type InteractionKind } from './interaction.ts'
export {
  storySchema,
  type CountPoint,
  type Moment,
  type NodeCounts,
  type Story,
  type TreeNode,
} from './story-schema.ts'
export { examineRun } from './play/examined.ts'
export { changeKinds, type Change, type ChangeKind } from './changes/change.ts'
export type { ExaminedRun, ObjectLife } from './play/examined-schema.ts'
export { anythingChanged, codeInFunctions, type ChangedCode } from './verdict/changed-code.ts'
export { judge } from './verdict/judge.ts'
export type { Judgeable } from './verdict/judgeable.ts'
export type { PatchFacts } from './verdict/hidden-by-end.ts'
export {
  findingStatuses,
  isShown,
  type FindingStatus,
  type HiddenBy,
  type JudgedFinding,
  type Unpatched,
} from './verdict/status.ts'
export { summaryOf } from './verdict/summary.ts'
export { tally, unpatchedTotal, variantTotal, type Tally } from './verdict/tally.ts'
export { mergeComparisons, MergeError } from './merge.ts'
export { rankVariants, type Rankable } from './rank.ts'
export {
  unpatchedId,
  unpatchedStack,
  loadPatch,
  loadStacks,
  StackError,
  stackOfFile,
  stackOfId,
  stackOfPatches,
  type PatchReader,
  type Stack,
} from './stacks.ts'
export { CompareError } from './compare-error.ts'
export { compare, type CompareOptions, type ProgressState } from './compare.ts'
export { BootError } from './play/boot.ts'
export { playableOf, NoPlayableScenarioError } from './play/playable.ts'
export { comparePatches, type ComparePatchesOptions, type PatchSource } from './compare-patches.ts'
export {
  findMinimal,
  countLeft,
  type FoundStack,
  type LeftFinding,
  type MinimalOptions,
  type MinimalStacks,
} from './minimal/minimal.ts'
export { originOfResults, type CacheOptions } from './play/player.ts'
export { runOne, type RunOrReason } from './play/run-one.ts'
export { cacheFolder, inspectCache, pruneCache, type CacheContent, type ResultOrigin } from './play/cache.ts'
export { lifeOf, objectNameOf, objectsOf, type LifeEvent } from './life-events.ts'
