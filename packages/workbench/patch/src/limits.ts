// SPDX-License-Identifier: GPL-2.0-only

/** Maximum size of an input. A larger input is refused as a whole, with code `too-large`. */
export interface PatchLimits {
  /** Bytes of the input, or UTF-16 units if it is a string. */
  readonly bytes: number
  /** Lines of the input. */
  readonly lines: number
  /** Mails in an mbox, including those without a diff. */
  readonly mails: number
  /** Files changed by all patches of the input together. */
  readonly files: number
  /** Hunks of all patches of the input together. */
  readonly hunks: number
}

/**
 * Limits that exceed any series that people review on the kernel's lists. An input of this size is read in well under a
 * second.
 */
export const patchLimits: PatchLimits = {
  bytes: 4 << 20,
  lines: 200_000,
  mails: 500,
  files: 2_000,
  hunks: 20_000,
}
