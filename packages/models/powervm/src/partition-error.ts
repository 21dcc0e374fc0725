// SPDX-License-Identifier: GPL-2.0-only

/** A partition, a migration or an update that was asked for and cannot be. */
export class PartitionError extends Error {
  override readonly name = 'PartitionError'
}
