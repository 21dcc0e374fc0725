// SPDX-License-Identifier: GPL-2.0-only

/** A flattened device tree that cannot be read, or a tree that cannot be flattened. */
export class FdtError extends Error {
  override readonly name = 'FdtError'
  /** Byte of the blob where the fault lies. */
  readonly offset: number
  /** What is wrong there, and what would be accepted. */
  readonly reason: string

  constructor(offset: number, reason: string) {
    super(`Flattened device tree, byte ${offset}: ${reason}`)
    this.offset = offset
    this.reason = reason
  }
}
