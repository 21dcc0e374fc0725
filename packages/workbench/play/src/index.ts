// SPDX-License-Identifier: GPL-2.0-only
export type { Boot, BootOptions, ChainChoice } from './boot.ts'
export { playOnDemand, playScenario, type PlayJob } from './play.ts'
export { changeOf } from './update.ts'
