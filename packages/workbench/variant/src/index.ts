// SPDX-License-Identifier: GPL-2.0-only
export { modelPaths } from './apply/model-paths.ts'
export {
  isExercised,
  VariantBuilder,
  type BuildDepth,
  type ChangedLine,
  type Variant,
  type VariantBuilderOptions,
  type VariantSpec,
} from './builder.ts'
export type { CompileLimits } from './compile/compile-process.ts'
export { VariantError, type VariantErrorCode } from './error.ts'
export { ownedPrefix, reclaim } from './processes/owner.ts'
export type { Probe } from './compile/probes.ts'
export {
  findPackages,
  hashFiles,
  hashOf,
  readModelSources,
  type ModelPackage,
  type ModelSources,
  type SourceFiles,
} from './sources.ts'
export { sandboxLayers, type SandboxLayer } from './sandbox/launch.ts'
export { defaultLimits, runInSandbox, type JobResult, type SandboxLimits } from './sandbox/sandbox.ts'
