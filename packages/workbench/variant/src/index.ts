// SPDX-License-Identifier: GPL-2.0-only
export { applyPatches, type ApplyFault, type PatchedSources } from './apply/apply-patches.ts'
export { MergeFolder } from './apply/merge-folder.ts'
export { programOptions } from './program-options.ts'
export { VariantError, type VariantErrorCode } from './error.ts'
export { exerciseOf, type StatementExercise } from './exercised.ts'
export { hashFiles, sorted, type SourceFiles } from './hash.ts'
export { findPackages, type InstalledPackage } from './packages.ts'
export { sandboxLayers } from './sandbox/launch.ts'
export type { RealmKind } from './sandbox/payload/protocol.ts'
export {
  defaultLimits,
  prepareSandbox,
  runInSandbox,
  type JobResult,
  type SandboxLimits,
} from './sandbox/sandbox.ts'
export { reasonText } from './reason-text.ts'
