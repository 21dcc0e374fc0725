// SPDX-License-Identifier: GPL-2.0-only
export { track } from './children.ts'
export { ErrorOutput } from './error-output.ts'
export { walls, type ProcessLimits } from './limits.ts'
export { ownedPrefix, reclaim } from './owner.ts'
export { Pool } from './pool.ts'
export { processorTime } from './processor-time.ts'
export { kill, run, start, type ProcessRequest, type ProcessResult } from './run.ts'
export { TemporaryFolder, TemporaryFolderError } from './temporary-folder.ts'
export { findProgram, isProgram, searchPath } from './tools.ts'
export {
  endsWithParent,
  parentBound,
  Walls,
  withoutNetwork,
  type Wall,
  type WallKind,
  type WallTrial,
} from './walls.ts'
