// SPDX-License-Identifier: GPL-2.0-only

/** RTAS status: done. */
export const SUCCESS = 0
/** RTAS status: more to come, call again with the same area. */
export const MORE = 1
/** RTAS status: hardware error. */
export const HARDWARE_ERROR = -1
/** RTAS status: no such service, sensor, indicator or argument. */
export const PARAMETER_ERROR = -3
