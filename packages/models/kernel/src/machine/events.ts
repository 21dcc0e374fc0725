// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain } from './frames.ts'

/** Stable name of an allocated object: what it is and which one in the order of the run (`device_node#12`). */
export type ObjectId = string

/** What can happen, by type of event, and the fields that tell of it. */
export interface Events {
  /** Memory was allocated; `size` is that of a buffer in bytes, and 0 for a struct. */
  alloc: { object: ObjectId; struct: string; size: number }
  /** Memory was asked for and not given: failure was injected. */
  'alloc.failed': { struct: string }
  /** Memory was given back. */
  free: { object: ObjectId; struct: string }
  /** Freed memory was read, written or called through. */
  'use-after-free': {
    object: ObjectId
    struct: string
    field: string
    access: 'read' | 'write'
    /** Names of kernel functions, innermost first. */
    allocatedBy: readonly string[]
    freedBy: readonly string[]
  }
  /** Freed memory was freed again. */
  'double-free': {
    object: ObjectId
    struct: string
    allocatedBy: readonly string[]
    freedBy: readonly string[]
  }
  /** A reference was taken. `before`/`after` are the 32-bit counter. */
  'ref.get': { object: ObjectId; before: number; after: number }
  /** A reference was dropped. */
  'ref.put': { object: ObjectId; before: number; after: number }
  /** The last reference was dropped and the release function runs. */
  'ref.release': { object: ObjectId }
  /** A counter was used in a way that `refcount_t` calls a fault, whether or not this kernel prints it. */
  'ref.fault': { object: ObjectId; fault: RefcountFault }
  /** A node was linked into the live tree. */
  'node.attach': { object: ObjectId; parent: ObjectId | null; path: string }
  /** A node was unlinked from the live tree, or that was tried again on a detached one (`again`). */
  'node.detach': { object: ObjectId; parent: ObjectId | null; path: string; again: boolean }
  /**
   * The last reference on a node was dropped that is not flagged detached: the kernel only complains. `attached` says whether it was
   * in the tree; a node that never was is not flagged either.
   */
  'node.bad-put': { object: ObjectId; path: string; attached: boolean }
  /** One callback of a notifier chain was called. */
  'notifier.call': { head: string; callback: string; action: number; result: number }
  /** A callback was put on a notifier chain, or taken off it. */
  'notifier.register': { head: string; callback: string }
  'notifier.unregister': { head: string; callback: string }
  /** A piece of work was queued, or a worker took it off the queue and runs it; `callback` is its function. */
  'work.queue': { queue: string; callback: string }
  'work.run': { queue: string; callback: string }
  /**
   * A property of a node was added, removed or replaced. `attached` says whether the node has its directory in sysfs: else nobody is
   * told.
   */
  'node.property': {
    object: ObjectId
    path: string
    property: string
    change: PropertyEvent
    attached: boolean
  }
  'sysfs.create': { path: string; kind: 'directory' | 'file' | 'link' }
  'sysfs.remove': { path: string; kind: 'directory' | 'file' | 'link' }
  /** A name was taken, so another one was used. */
  'sysfs.rename': { directory: string; wanted: string; used: string }
  /** A name was taken and the creation failed. */
  'sysfs.duplicate': { path: string }
  'device.register': { object: ObjectId; name: string }
  'device.unregister': { object: ObjectId; name: string }
  'device.release': { object: ObjectId; name: string }
  'driver.bind': { object: ObjectId; device: string; driver: string }
  'driver.unbind': { object: ObjectId; device: string; driver: string }
  'driver.probe-failed': { object: ObjectId; device: string; driver: string; error: number }
  'module.load': { module: string; result: number }
  'module.unload': { module: string; result: number }
  /** An algorithm, a random number generator or another service appeared or went away. */
  'service.register': { service: string; name: string }
  'service.unregister': { service: string; name: string }
  'rtas.call': { service: string; status: number }
  /** The hypervisor was called; `status` is 0 for success. */
  hcall: { call: string; status: number }
  /** The kernel did what one entry of firmware's node list says; nobody looks at the result. `drcIndex` of an addition. */
  'mobility.entry': {
    action: 'delete' | 'update' | 'add'
    phandle: number
    drcIndex: number | null
    result: number
  }
  printk: { level: number; text: string }
  warn: { file: string; line: number; function: string; text: string; once: boolean }
  /**
   * A report of the lock or sleep checks about `function`. For a sleep in atomic context `lock` is the innermost lock, or read
   * section, under which it must not sleep, empty if only interrupts are off, and `holder` is the function that took it; null
   * where that is not known, as for locks that are taken all the time.
   */
  'lock.report': { report: LockReport; lock: string; function: string; holder: string | null }
  oops: { function: string; reason: string; held: readonly string[] }
  /** A task waits for something that never comes. */
  hang: { lock: string; holder: string; held: readonly string[] }
  /**
   * A uevent left the kernel: about a device, a driver or a bus. `device` is the name of whatever it is; `env` are the variables
   * that user space gets, in order, but for SEQNUM.
   */
  uevent: { object: ObjectId; action: string; device: string; env: readonly string[] }
}

/** What is wrong with a change of a reference count. */
export type RefcountFault = 'increment-on-0' | 'addition-on-0' | 'underflow' | 'saturated' | 'decrement-hit-0'
/** What happened to a property. */
export type PropertyEvent = 'add' | 'remove' | 'update'
/** What the checks of locking report. */
export type LockReport =
  | 'sleep-in-atomic'
  | 'recursive-locking'
  | 'lock-order'
  | 'scheduling-while-atomic'
  | 'bad-unlock-balance'
  | 'suspicious-rcu'

/** Types of events. */
export type KernelEventType = keyof Events

/** What every event has besides its own fields. */
export interface EventHeader {
  /** Position in the run, from 0. */
  readonly seq: number
  /** Number of the step during which it happened; 0 is the boot. */
  readonly step: number
  /** Name and number of the task that ran (`init/1`). */
  readonly task: string
  /** The kernel functions that led here, innermost first. Empty when the machine does not record call chains. */
  readonly chain: CallChain
  /** The names of the functions in `chain`. */
  readonly functions: readonly string[]
}

/** An event of one type, or the union of all of them. */
export type KernelEvent<K extends KernelEventType = KernelEventType> = {
  [T in K]: { readonly type: T } & EventHeader & Readonly<Events[T]>
}[K]

/** The fields that the emitter of an event supplies. */
export type EventFields<K extends KernelEventType> = Events[K]
