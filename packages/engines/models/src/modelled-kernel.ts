// SPDX-License-Identifier: GPL-2.0-only

/** Linux version that the models follow. */
export const modelledKernel = 'v4.18'
