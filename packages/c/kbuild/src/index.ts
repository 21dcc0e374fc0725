// SPDX-License-Identifier: GPL-2.0-only
export { architectures, type Architecture } from './architecture.ts'
export {
  ConfiguredTree,
  type ConfiguredTreeOptions,
  type CompileConstants,
  type FileJob,
} from './configured-tree.ts'
export * from './configure.ts'
export { configureFor, Explanations, type ExplainedGuard } from './explain.ts'
export { KbuildError, type KbuildErrorCode } from './error.ts'
export { parseDotConfig } from './kconfig/dot-config.ts'
export type { Base, Values } from './kconfig/evaluate.ts'
export type { Guard, Placement } from './make/placement.ts'
export { allModulesProfile, platforms, userProfile, wholeKernelProfile, type Platform } from './profiles.ts'
