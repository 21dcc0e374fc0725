// SPDX-License-Identifier: GPL-2.0-only
// Separate from the commands: only the command that is used is loaded.

/** Values of `--fail-on`; the first is the default. */
export const failOnChoices = ['never', 'introduced', 'revealed', 'any'] as const

/** A value of `--fail-on`. */
export type FailOn = (typeof failOnChoices)[number]

/** Actions of `pfo cache`. */
export const cacheActions = ['path', 'info', 'prune'] as const

/** An argument of `pfo cache`. */
export type CacheAction = (typeof cacheActions)[number]

/** Lists of `pfo list`. */
export const listable = ['patches', 'variants', 'scenarios', 'oracles', 'symbols'] as const

/** An argument of `pfo list`. */
export type Listable = (typeof listable)[number]
