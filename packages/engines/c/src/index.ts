// SPDX-License-Identifier: GPL-2.0-only
export { closureOf } from './build/closure.ts'
export {
  compileKernel,
  type CompiledKernel,
  type CompileOptions,
  type FailedFile,
} from './build/compile-kernel.ts'
export { makeKernelImage, type KernelImage, type KernelImageOptions } from './build/kernel-image.ts'
export { hostNames, linkKernel } from './build/link-kernel.ts'
export { bootOf, type BootParts } from './subject/boot.ts'
export { CSubject } from './subject/c-subject.ts'
