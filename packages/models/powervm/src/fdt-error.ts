// SPDX-License-Identifier: GPL-2.0-only

/** A malformed flattened device tree, or a tree that cannot be flattened. */
export class FdtError extends Error {
  override readonly name = 'FdtError'
  /** Offset of the fault in the blob, in bytes. */
  readonly offset: number
  /** The fault, and the accepted input. */
  readonly reason: string

  constructor(offset: number, reason: string) {
    super(`Flattened device tree, byte ${offset}: ${reason}`)
    this.offset = offset
    this.reason = reason
  }
}
