// SPDX-License-Identifier: GPL-2.0-only
import type { ObjectId } from '../machine/events.ts'
import type { Calls } from '../machine/frames.ts'
import { currentMachine, emitEvent } from '../machine/machine.ts'

/** What the allocator knows of one object (`struct track` of mm/slub.c, with our object name). */
export interface SlabRecord {
  readonly id: ObjectId
  readonly struct: string
  /** Of a byte buffer, in bytes; 0 for structs; null for boot memory, which cannot be freed. */
  readonly size: number | null
  readonly allocated: Calls
  /** Number of the step in which it was allocated. */
  readonly step: number
  freed: boolean
  freedAt: Calls | null
}

/** Anything that came from the allocator. */
export interface Allocated {
  /** What SLUB keeps beside the object: who allocated and who freed it. Null for memory that is not the allocator's. */
  slab: SlabRecord | null
}

/** Freed memory is full of this byte, and ends in `POISON_END` (`include/linux/poison.h`). */
export const POISON_FREE = 0x6b
/** The last byte of freed memory (include/linux/poison.h, v4.18). */
export const POISON_END = 0xa5
/** What fills the red zone behind a freed object (include/linux/poison.h, v4.18). */
export const SLUB_RED_INACTIVE = 0xbb

/** Reports an access to freed memory. */
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
