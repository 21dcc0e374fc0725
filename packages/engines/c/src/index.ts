// SPDX-License-Identifier: GPL-2.0-only
export {
  differencesOf,
  knownReasonOf,
  unexplained,
  type OneSidedFindingKey,
  type ExplainedDifference,
} from './against-models.ts'
export { closureOf } from './build/closure.ts'
export {
  compileKernel,
  objectsOf,
  type CompiledBase,
  type CompiledFile,
  type CompiledKernel,
  type CompileOptions,
  type FailedFile,
} from './build/compile-kernel.ts'
export {
  clearKernelCache,
  inspectKernelCache,
  limitKernelCache,
  type KernelCacheContent,
} from './build/kernel-cache.ts'
export { KernelBuildError, type BuildProgress } from './build/kernel.ts'
export { makeKernelImage, type KernelImage, type KernelImageOptions } from './build/kernel-image.ts'
export { hostFunctionStatuses, linkKernel } from './build/link-kernel.ts'
export type { KeptObject, ObjectSource } from './build/object-cache.ts'
export { TreeFiles } from './build/tree-files.ts'
export { objectPackages } from './build/code-identities.ts'
export { CEngine, type CEngineOptions } from './engine.ts'
export { AnchorError, edited, type Anchor, type Edit } from './port/edit.ts'
export { portedIds, portProposal, type PortedProposal } from './port/port.ts'
export { bootable, bootOf, type Bootable, type BootParts, type CBoot } from './booted/boot.ts'
export type { BootHooks } from './booted/boot-kernel.ts'
export { BootedCKernel } from './booted/booted-c-kernel.ts'
export { vioDevices } from './booted/device-state.ts'
export { freedNode, linkedNodes } from './booted/node-state.ts'
export { listDirectory, readLink } from './booted/files.ts'
