// SPDX-License-Identifier: GPL-2.0-only
/** Why a run has the outcome `unmodelled` although it reached no function that the engine does not have. */
export const outOfMemory = 'the machine ran out of memory'
