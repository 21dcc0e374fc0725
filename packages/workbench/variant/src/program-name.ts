// SPDX-License-Identifier: GPL-2.0-only

/** The name under which a bundle offers what its entry module exports. */
export const programName = 'pfoEngine'
