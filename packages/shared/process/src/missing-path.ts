// SPDX-License-Identifier: GPL-2.0-only

/** A path that cannot exist on any machine. */
export const missingPath = '/dev/null/nowhere'
