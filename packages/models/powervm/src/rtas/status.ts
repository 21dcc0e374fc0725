// SPDX-License-Identifier: GPL-2.0-only

/** Status of an RTAS call: done. */
export const SUCCESS = 0
/** Status of an RTAS call: there is more, call again with the same area. */
export const MORE = 1
/** Status of an RTAS call: firmware cannot. */
export const HARDWARE_ERROR = -1
/** Status of an RTAS call: no such service, sensor, indicator or argument. */
export const PARAMETER_ERROR = -3
