// SPDX-License-Identifier: GPL-2.0-only

/** The unpatched kernel could not be played: a fault of the machine or of the workbench, not of a patch. */
export class CompareError extends Error {
  override readonly name = 'CompareError'
}
