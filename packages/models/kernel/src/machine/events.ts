// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain } from './frames.ts'

/**
 * Stable name of an allocated object: its struct and its number among the objects of this struct (`device_node#12`).
 */
export type ObjectId = string

/** The fields of each type of event. */
export interface Events {
  /** Memory was allocated. `size` is the size of a buffer in bytes, or 0 for a struct. */
  alloc: { object: ObjectId; struct: string; size: number }
  /** An allocation failed because a failure was injected. */
  'alloc.failed': { struct: string }
  /** Memory was freed. */
  free: { object: ObjectId; struct: string }
  /** Freed memory was read or written. */
  'use-after-free': {
    object: ObjectId
    struct: string
    field: string
    access: 'read' | 'write'
    /** The kernel functions that allocated the object, innermost first; `freedBy` has those that freed it. */
    allocatedBy: readonly string[]
    freedBy: readonly string[]
  }
  /** Freed memory was freed again. `freedBy` has the functions of the first free. */
  'double-free': {
    object: ObjectId
    struct: string
    allocatedBy: readonly string[]
    freedBy: readonly string[]
  }
  /** A reference was taken. `before` and `after` are values of the 32-bit counter, equal if full checking refused. */
  'ref.get': { object: ObjectId; before: number; after: number }
  /** A reference was dropped. The fields mean the same as in `ref.get`. */
  'ref.put': { object: ObjectId; before: number; after: number }
  /** The last reference was dropped and the release function runs. */
  'ref.release': { object: ObjectId }
  /** A counter was used in a way that `refcount_t` treats as a fault, even if this kernel does not report it. */
  'ref.fault': { object: ObjectId; fault: RefcountFault }
  /** A node was linked into the live tree. */
  'node.attach': { object: ObjectId; parent: ObjectId | null; path: string }
  /** `__of_detach_node` unlinked a node from the live tree, or found it already detached (`again`). */
  'node.detach': { object: ObjectId; parent: ObjectId | null; path: string; again: boolean }
  /**
   * The last reference on a node was dropped, but the node is not flagged as detached: the kernel prints an error and
   * does not free the node. `attached` is true if the node was in the tree. It is false for a node that was never
   * attached, which is not flagged either.
   */
  'node.bad-put': { object: ObjectId; path: string; attached: boolean }
  /** One callback of a notifier chain was called. */
  'notifier.call': { head: string; callback: string; action: number; result: number }
  /** A callback was registered on a notifier chain, or unregistered from it. */
  'notifier.register': { head: string; callback: string }
  'notifier.unregister': { head: string; callback: string }
  /** A piece of work was queued, or a worker took it off the queue and runs it; `callback` is its function. */
  'work.queue': { queue: string; callback: string }
  'work.run': { queue: string; callback: string }
  /**
   * A property of a node was added, removed or replaced. `attached` is true if the node has its directory in sysfs;
   * otherwise no notifier is called.
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
  /** A name was taken, so another name was used. */
  'sysfs.rename': { directory: string; wanted: string; used: string }
  /** A name was taken, so the creation failed. */
  'sysfs.duplicate': { path: string }
  'device.register': { object: ObjectId; name: string }
  'device.unregister': { object: ObjectId; name: string }
  'device.release': { object: ObjectId; name: string }
  'driver.bind': { object: ObjectId; device: string; driver: string }
  'driver.unbind': { object: ObjectId; device: string; driver: string }
  'driver.probe-failed': { object: ObjectId; device: string; driver: string; error: number }
  'module.load': { module: string; result: number }
  'module.unload': { module: string; result: number }
  /** An algorithm, a random number generator or another service was registered or unregistered. */
  'service.register': { service: string; name: string }
  'service.unregister': { service: string; name: string }
  'rtas.call': { service: string; status: number }
  /** The kernel called the hypervisor. `status` is 0 on success. */
  hcall: { call: string; status: number }
  /**
   * The kernel processed one entry of firmware's node list. The kernel ignores `result`. `drcIndex` is null except for
   * additions.
   */
  'mobility.entry': {
    action: 'delete' | 'update' | 'add'
    phandle: number
    drcIndex: number | null
    result: number
  }
  printk: { level: number; text: string }
  warn: { file: string; line: number; function: string; text: string; once: boolean }
  /**
   * A report about `function` from the lock or sleep checks. For a sleep in atomic context, `lock` is the innermost
   * lock or read section under which the function must not sleep, or empty if only interrupts are off. `holder` is the
   * function that took the lock, or null if it is not known, as for fleeting locks.
   */
  'lock.report': { report: LockReport; lock: string; function: string; holder: string | null }
  oops: { function: string; reason: string; held: readonly string[] }
  /** A task waits for something that never happens. */
  hang: { lock: string; holder: string; held: readonly string[] }
  /**
   * The kernel sent a uevent about a device, a driver or a bus. `device` is the name of that object. `env` has the
   * variables that user space receives, in order, without SEQNUM.
   */
  uevent: { object: ObjectId; action: string; device: string; env: readonly string[] }
}

/** Misuses of a reference counter. */
export type RefcountFault = 'increment-on-0' | 'addition-on-0' | 'underflow' | 'saturated' | 'decrement-hit-0'
/** Changes of a property. */
export type PropertyEvent = 'add' | 'remove' | 'update'
/** Reports of the lock checks. */
export type LockReport =
  | 'sleep-in-atomic'
  | 'recursive-locking'
  | 'lock-order'
  | 'scheduling-while-atomic'
  | 'bad-unlock-balance'
  | 'suspicious-rcu'

/** Types of events. */
export type KernelEventType = keyof Events

/** Fields that every event has besides its own. */
export interface EventHeader {
  /** Number of the event in the run, from 0. Events that the machine does not record are counted too. */
  readonly seq: number
  /** Number of the step in which the event happened; 0 is the boot. */
  readonly step: number
  /** Name and number of the running task (`init/1`), or `-` if no task was running. */
  readonly task: string
  /** Kernel call chain of the event, innermost function first. Empty if the machine does not record call chains. */
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
