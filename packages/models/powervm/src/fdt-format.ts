// SPDX-License-Identifier: GPL-2.0-only
import type { FirmwareNode } from './firmware-node.ts'

/** First word of a blob. */
export const FDT_MAGIC = 0xd00dfeed

/** The written version, and the newest readable one. */
export const FDT_VERSION = 17

/** Oldest readable version: before it, node names are paths and values are aligned to 8. */
export const FDT_OLDEST_VERSION = 16

/** Size of a version 17 header in bytes. Version 16 lacks the last word, the size of the structure block. */
export const FDT_HEADER_SIZE = 40
export const FDT_V16_HEADER_SIZE = 36

/** Tokens of the structure block. */
export const FDT_BEGIN_NODE = 1
export const FDT_END_NODE = 2
export const FDT_PROP = 3
export const FDT_NOP = 4
export const FDT_END = 9

/** Maximum depth, counting the root as 1: the kernel's own limit. */
export const FDT_MAX_DEPTH = 64

/**
 * Maximum length of a property name. The kernel has no limit. Without one, a small blob whose properties share one long
 * name would become a tree many times its size.
 */
export const maxPropertyName = 255

/** Maximum length of a node name, for the same reason. */
export const maxNodeName = 255

/**
 * Maximum size of a tree. A large partition has about 300 KiB, 2000 nodes and 20 000 properties. A larger blob would
 * only slow down the models.
 */
export const fdtLimits: {
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

/** Memory that the kernel must not use. */
export interface MemoryReservation {
  readonly address: bigint
  readonly size: bigint
}

/** Content of a blob. */
export interface DeviceTreeBlob {
  readonly root: FirmwareNode
  readonly bootCpu: number
  readonly reservations: readonly MemoryReservation[]
}
