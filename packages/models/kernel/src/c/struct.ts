// SPDX-License-Identifier: GPL-2.0-only
import type { Allocated, SlabRecord } from '../mm/slab-record.ts'

/** Base class of every struct that comes from the allocator. */
export abstract class struct implements Allocated {
  slab: SlabRecord | null = null
}

/** Base class of structs that are embedded in others, such as `kobject` in `device_node`. */
export abstract class embedded {
  /** The struct that embeds this one; null if no struct embeds it. */
  container: object | null = null
}

/** Embeds `member` in `container`, like a field of struct type in C. */
export function embed<T extends embedded>(container: object, member: T): T {
  member.container = container
  return member
}

/**
 * Models `container_of` (include/linux/kernel.h): returns the struct that embeds `member`; null if no struct
 * embeds it.
 *
 * @typeParam T - type of the embedding struct
 */
export function container_of<T>(member: embedded): T {
  return member.container as T
}

/** Fields of the models that no kernel struct has. They stay readable after the object is freed. */
export const bookkeeping: ReadonlySet<string> = new Set(['slab', 'container', 'ownerName'])
