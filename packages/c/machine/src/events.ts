// SPDX-License-Identifier: GPL-2.0-only
import type { Events } from '@pfo-workbench/kernel'
import type { CallSites } from './stack.ts'

/** Places where freed memory was allocated and freed. */
interface AllocationSites {
  readonly allocatedBy: CallSites
  readonly freedBy: CallSites
}

/**
 * All events by type: the events of the models, and the events that only C code can cause. C events have call sites
 * instead of call chains.
 */
export interface MachineEvents extends Omit<
  Events,
  'use-after-free' | 'double-free' | 'out-of-bounds' | 'unmodelled'
> {
  /** Freed memory was read, written or called through. `field` is a path (`kobj.kref.refcount`). */
  'use-after-free': {
    object: string
    struct: string
    field: string
    access: 'read' | 'write'
  } & AllocationSites
  /** Freed memory was freed again. */
  'double-free': { object: string; struct: string } & AllocationSites
  /** Memory outside of an object was read or written. `offset` is in bytes from the start of the object. */
  'out-of-bounds': {
    object: string
    struct: string
    offset: number
    size: number
    access: 'read' | 'write'
  }
  /** The run called a function that has no implementation. */
  unmodelled: { function: string }
}

export type MachineEventType = keyof MachineEvents

/** Fields that all events have. */
interface MachineEventHeader {
  /** Position in the run, from 0. */
  readonly seq: number
  /** Number of the step during which the event happened; 0 is the boot. */
  readonly step: number
  /** Name and number of the task that ran (`init/1`). */
  readonly task: string
  readonly callSites: CallSites
}

/** An event of one type, or the union of all of them. */
export type MachineEvent<Type extends MachineEventType = MachineEventType> = {
  [One in Type]: { readonly type: One; readonly fields: Readonly<MachineEvents[One]> } & MachineEventHeader
}[Type]
