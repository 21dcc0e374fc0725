// SPDX-License-Identifier: GPL-2.0-only
export { parseTreeArgument, type TreeArgument } from './argument.ts'
export { KernelTreeError, type KernelTreeErrorCode } from './error.ts'
export { markAsUsed } from './mark-as-used.ts'
export { writeCacheFile } from './write-cache-file.ts'
export { openKernelTree, type OpenOptions } from './open.ts'
export { withTexts } from './patched-tree.ts'
export { isTreePath, missingPath, readText, type KernelTree, type Mount, type Texts } from './tree.ts'
export { isAtLeast, type KernelVersion } from './version.ts'
