// SPDX-License-Identifier: GPL-2.0-only
export { killAtExit } from './kill-at-exit.ts'
export { ErrorOutput } from './error-output.ts'
export { programSandboxLayers, type ProcessLimits } from './limits.ts'
export { ownedPrefix, removeStaleFolders } from './stale-folders.ts'
export { missingPath } from './missing-path.ts'
export { Pool } from './pool.ts'
export { processorTime } from './processor-time.ts'
export { kill, run, start, type ProcessRequest, type ProcessResult } from './run.ts'
export { TemporaryFolder, TemporaryFolderError } from './temporary-folder.ts'
export { findExecutable, isExecutable, searchPath } from './executables.ts'
export {
  dieWithParentOptions,
  dieWithParentCommand,
  SandboxLayers,
  noNetworkOptions,
  type SandboxLayer,
  type SandboxLayerKind,
  type SandboxLayerTrial,
} from './sandbox-layers.ts'
