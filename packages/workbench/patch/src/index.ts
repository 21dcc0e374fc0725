// SPDX-License-Identifier: GPL-2.0-only
export type { FileChange } from './diff.ts'
export { PatchError, type PatchErrorCode } from './error.ts'
export type { Hunk } from './hunks.ts'
export { pathFault, type PathRules } from './paths.ts'
export { maxPatchLength, parseSeries, patchId, type Patch, type PatchSeries } from './series.ts'
