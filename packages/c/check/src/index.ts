// SPDX-License-Identifier: GPL-2.0-only
export { contextOf } from './explore/context.ts'
export { explore } from './explore/explore.ts'
export { contractsWith, parseContracts } from './contracts/table.ts'
export { defaultBudgets, judgeChange, judgeFile } from './judge/judge.ts'
