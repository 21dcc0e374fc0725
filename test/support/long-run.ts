// SPDX-License-Identifier: GPL-2.0-only

/** True in the long run, `npm run test:long`, in which patches play more scenarios than in `npm test`. */
export const isLongRun: boolean = process.env['FUZZ_RUNS'] !== undefined
