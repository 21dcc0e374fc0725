// SPDX-License-Identifier: GPL-2.0-only

/** An invalid partition, migration or update. */
export class PartitionError extends Error {
  override readonly name = 'PartitionError'
}
