// SPDX-License-Identifier: GPL-2.0-only
export { Pool } from './pool.ts'
export { kill, run, start, type ProcessRequest, type ProcessResult } from './run.ts'
export { findProgram, isProgram, searchPath } from './tools.ts'
export { walls, type ProcessLimits, type Wall } from './walls.ts'
