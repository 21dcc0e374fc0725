// SPDX-License-Identifier: GPL-2.0-only
import type { FirmwareNode } from './firmware-node.ts'

/** First word of a blob. */
export const FDT_MAGIC = 0xd00dfeed

/** Version of what is written, and the newest that is read. */
export const FDT_VERSION = 17

/** Oldest version that is read: its node names are not paths and its values are not aligned to 8. */
export const FDT_OLDEST_VERSION = 16

/** Bytes of a version 17 header. Version 16 lacks the last word, the size of the structure block. */
export const FDT_HEADER_SIZE = 40
export const FDT_V16_HEADER_SIZE = 36

/** Tokens of the structure block. */
export const FDT_BEGIN_NODE = 1
export const FDT_END_NODE = 2
export const FDT_PROP = 3
export const FDT_NOP = 4
export const FDT_END = 9

/** Deepest nesting, the root being 1: what the kernel unflattens. */
export const FDT_MAX_DEPTH = 64

/**
 * Longest name of a property. (The kernel sets no limit; a blob in which many properties share one long name would be
 * read as a tree far larger than itself.)
 */
export const MAX_PROPERTY_NAME = 255

/** Longest name of a node, for the same reason. */
export const MAX_NODE_NAME = 255

/**
 * What a tree may have at most. That of a large partition has some 300 KiB, 2000 nodes and 20 000 properties; a blob that was made
 * to have more would keep the models busy, not test them.
 */
export const FDT_LIMITS: {
  readonly bytes: number
  readonly nodes: number
  readonly properties: number
  readonly reservations: number
} = {
  bytes: 2 * 1024 * 1024,
  nodes: 8_192,
  properties: 65_536,
  reservations: 1_024,
}

/** Memory that the kernel must leave alone. */
export interface MemoryReservation {
  readonly address: bigint
  readonly size: bigint
}

/** What a blob says. */
export interface DeviceTreeBlob {
  readonly root: FirmwareNode
  readonly bootCpu: number
  readonly reservations: readonly MemoryReservation[]
}
