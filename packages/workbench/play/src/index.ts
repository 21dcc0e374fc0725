// SPDX-License-Identifier: GPL-2.0-only
export type { Boot, BootOptions } from './boot.ts'
export { partitionOf } from './partition.ts'
export { playScenario, type PlayJob } from './play.ts'
export { changeOf } from './update.ts'
