// SPDX-License-Identifier: GPL-2.0-only
import type { Allocated, SlabRecord } from '../mm/slab-record.ts'

/** Base of every struct that comes from the allocator. */
export abstract class struct implements Allocated {
  slab: SlabRecord | null = null
}

/** Base of structs that live inside others, such as `kobject` in `device_node`. */
export abstract class embedded {
  /** Which struct it is part of. */
  container: object | null = null
}

/** Makes `member` part of `container`, as a struct field of struct type is in C. */
export function embed<T extends embedded>(container: object, member: T): T {
  member.container = container
  return member
}

/**
 * Models `container_of` (include/linux/kernel.h): from an embedded struct to the one around it.
 *
 * @typeParam T - the struct that embeds `member`
 */
export function container_of<T>(member: embedded): T {
  return member.container as T
}

/** Fields of ours, which no struct of the kernel has: they survive the object. */
export const bookkeeping: ReadonlySet<string> = new Set(['slab', 'container', 'ownerName'])
