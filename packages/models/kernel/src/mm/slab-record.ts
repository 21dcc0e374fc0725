// SPDX-License-Identifier: GPL-2.0-only
import type { ObjectId } from '../machine/events.ts'
import type { Calls } from '../machine/frames.ts'
import { currentMachine, emitEvent } from '../machine/machine.ts'

/** The allocator's record of one object (`struct track` of mm/slub.c, plus the object's name). */
export interface SlabRecord {
  readonly id: ObjectId
  readonly struct: string
  /** Size of a byte buffer; 0 for structs; null for boot memory, which cannot be freed. */
  readonly size: number | null
  readonly allocated: Calls
  /** Number of the step in which the object was allocated. */
  readonly step: number
  freed: boolean
  freedAt: Calls | null
}

/** An object that the allocator can hand out. */
export interface Allocated {
  /**
   * SLUB's record of the object: who allocated it and who freed it. Null for memory that did not come from the
   * allocator.
   */
  slab: SlabRecord | null
}

/** Fill byte of freed memory, whose last byte is `POISON_END` (`include/linux/poison.h`). */
export const POISON_FREE = 0x6b
/** Last byte of freed memory (include/linux/poison.h, v4.18). */
export const POISON_END = 0xa5
/** Fill byte of the red zone after a freed object (include/linux/poison.h, v4.18). */
export const SLUB_RED_INACTIVE = 0xbb

/** Records an access to freed memory: an event, or in a trial only the flag `usedFreed`. */
export function reportUseAfterFree(record: SlabRecord, field: string, access: 'read' | 'write'): void {
  const { trial } = currentMachine()
  if (trial !== null) trial.usedFreed = true
  emitEvent('use-after-free', {
    object: record.id,
    struct: record.struct,
    field,
    access,
    allocatedBy: record.allocated.functions,
    freedBy: record.freedAt?.functions ?? [],
  })
}
