// SPDX-License-Identifier: GPL-2.0-only
export { Clang, type ClangOptions, type Compiled } from './clang.ts'
export { compileLimits, type ClangOutput, type CompileJob, type NotCompiled } from './compile.ts'
export { ClangError, type ClangErrorCode } from './error.ts'
export {
  findClang,
  findClangIfAny,
  installAdvice,
  oldestClang,
  type Compiler,
  type FindOptions,
} from './find.ts'
export type { OverlayMount } from './overlay.ts'
