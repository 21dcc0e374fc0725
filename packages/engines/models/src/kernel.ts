// SPDX-License-Identifier: GPL-2.0-only

/** The version of Linux that the models follow. */
export const kernel = 'v4.18'
