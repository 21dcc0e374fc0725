// SPDX-License-Identifier: GPL-2.0-only

/** How much one input may hold. What has more is refused as a whole, with code `too-large`. */
export interface PatchLimits {
  /** Bytes of the input, or UTF-16 units if it is given as a string. */
  readonly bytes: number
  /** Lines of the input. */
  readonly lines: number
  /** Mails in an mbox, those without a diff included. */
  readonly mails: number
  /** Files that all patches of the input change together. */
  readonly files: number
  /** Hunks of all patches of the input together. */
  readonly hunks: number
}

/** Larger than any series on the kernel's lists that a person reviews; read in well under a second. */
export const patchLimits: PatchLimits = {
  bytes: 4 << 20,
  lines: 200_000,
  mails: 500,
  files: 2_000,
  hunks: 20_000,
}
