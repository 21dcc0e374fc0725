// SPDX-License-Identifier: GPL-2.0-only

/** A path that cannot exist on any machine, because `/dev/null` is not a folder. */
export const missingPath = '/dev/null/nowhere'
