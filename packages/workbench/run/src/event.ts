// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import { chainSchema } from './frame.ts'
import type { Immutable } from './immutable.ts'
import { count, integer, text, texts } from './primitives.ts'

/** What every event has besides its own fields. */
const header = {
  /** Position in the run, from 0. */
  seq: count,
  /** Number of the step during which it happened; 0 is the boot. */
  step: count,
  /** Name and number of the task that ran (`init/1`). */
  task: text,
  /** The kernel functions that led here, innermost first. Engines resolve it when it is read: see `Subject.events`. */
  chain: chainSchema,
}

const event = <Type extends string, Fields extends z.core.$ZodLooseShape>(type: Type, fields: Fields) =>
  z.strictObject({ type: z.literal(type), ...header, ...fields })

/** Stable name of an object of the kernel: its struct, and its number in the order of allocation (`device_node#12`). */
const object = text
const directoryEntry = { path: text, kind: z.enum(['directory', 'file', 'link']) }
const device = { object, name: text }
const driver = { object, device: text, driver: text }
/** The result of the kernel function: 0 or a negative errno. */
const result = integer
const module = { module: text, result }
const service = { service: text, name: text }
/** Where freed memory was allocated and freed. */
const freed = { allocatedBy: chainSchema, freedBy: chainSchema }

/** Schema of `RunEvent`. */
export const eventSchema = z.discriminatedUnion('type', [
  /** Memory was allocated; `size` is that of a buffer in bytes, and 0 for a struct. */
  event('alloc', { object, struct: text, size: count }),
  /** Memory was asked for and not given: failure was injected. */
  event('alloc.failed', { struct: text }),
  /** Memory was given back. */
  event('free', { object, struct: text }),
  /** Freed memory was read, written or called through. */
  event('use-after-free', { object, struct: text, field: text, access: z.enum(['read', 'write']), ...freed }),
  /** Freed memory was freed again. */
  event('double-free', { object, struct: text, ...freed }),
  /** Memory outside an allocated object was read or written; `offset` is from the start of the object, in bytes. */
  event('out-of-bounds', {
    object,
    struct: text,
    offset: integer,
    size: count,
    access: z.enum(['read', 'write']),
  }),
  /** A reference was taken. `before` and `after` are the 32-bit counter. */
  event('ref.get', { object, before: integer, after: integer }),
  /** A reference was dropped. */
  event('ref.put', { object, before: integer, after: integer }),
  /** The last reference was dropped and the release function runs. */
  event('ref.release', { object }),
  /** A counter was used in a way that `refcount_t` calls a fault, whether or not the kernel prints it. */
  event('ref.fault', {
    object,
    fault: z.enum(['increment-on-0', 'addition-on-0', 'underflow', 'saturated', 'decrement-hit-0']),
  }),
  /** A node was linked into the live tree. */
  event('node.attach', { object, parent: object.nullable(), path: text }),
  /** A node was unlinked from the live tree, or that was tried again on a detached one (`again`). */
  event('node.detach', { object, parent: object.nullable(), path: text, again: z.boolean() }),
  /**
   * The last reference on a node was dropped that is not flagged `OF_DETACHED`, so the kernel complains and keeps it. `attached`
   * says whether it was in the live tree: a node that never was is not flagged either.
   */
  event('node.bad-put', { object, path: text, attached: z.boolean() }),
  /** One callback of a notifier chain was called. */
  event('notifier.call', { head: text, callback: text, action: integer, result: integer }),
  /** A callback was put on a notifier chain, or taken off it. */
  event('notifier.register', { head: text, callback: text }),
  event('notifier.unregister', { head: text, callback: text }),
  /** A piece of work was queued, or a worker took it off the queue and runs it; `callback` is its function. */
  event('work.queue', { queue: text, callback: text }),
  event('work.run', { queue: text, callback: text }),
  /**
   * A property of a node was added, removed or replaced. `attached` says whether the node has its directory in sysfs: else nobody is
   * told.
   */
  event('node.property', {
    object,
    path: text,
    property: text,
    change: z.enum(['add', 'remove', 'update']),
    attached: z.boolean(),
  }),
  event('sysfs.create', directoryEntry),
  event('sysfs.remove', directoryEntry),
  /** A name was taken, so another one was used. */
  event('sysfs.rename', { directory: text, wanted: text, used: text }),
  /** A name was taken and the creation failed. */
  event('sysfs.duplicate', { path: text }),
  event('device.register', device),
  event('device.unregister', device),
  event('device.release', device),
  event('driver.bind', driver),
  event('driver.unbind', driver),
  event('driver.probe-failed', { ...driver, error: integer }),
  event('module.load', module),
  event('module.unload', module),
  /** An algorithm, a random number generator or another service appeared or went away. */
  event('service.register', service),
  event('service.unregister', service),
  /** The kernel called firmware. */
  event('rtas.call', { service: text, status: integer }),
  /** The kernel called the hypervisor; `status` is 0 for success. */
  event('hcall', { call: text, status: integer }),
  /** The kernel did what one entry of firmware's node list says; nobody looks at the result. `drcIndex` of an addition. */
  event('mobility.entry', {
    action: z.enum(['delete', 'update', 'add']),
    phandle: integer,
    drcIndex: integer.nullable(),
    result,
  }),
  /** A line of the console, with its level. */
  event('printk', { level: integer, text }),
  /** A `WARN`. */
  event('warn', { file: text, line: integer, function: text, text, once: z.boolean() }),
  /**
   * A report of the lock or sleep checks about `function`. For a sleep in atomic context `lock` is the innermost lock or read
   * section, empty if only interrupts are off, and `holder` is the function that took it; null where that is not known.
   */
  event('lock.report', {
    report: z.enum([
      'sleep-in-atomic',
      'recursive-locking',
      'lock-order',
      'scheduling-while-atomic',
      'bad-unlock-balance',
      'suspicious-rcu',
    ]),
    lock: text,
    function: text,
    holder: text.nullable(),
  }),
  /** A task was killed; `held` are the locks that stay held. */
  event('oops', { function: text, reason: text, held: texts }),
  /** A task waits for something that never comes. */
  event('hang', { lock: text, holder: text, held: texts }),
  /** The run reached a function that the engine does not have, and ended there. */
  event('unmodelled', { function: text }),
  /** A uevent left the kernel; `device` is what it is about, `env` its variables in order, without SEQNUM. */
  event('uevent', { object, action: text, device: text, env: texts }),
])

/** Something that happened in a run; `type` says which fields it has. */
export type RunEvent = Immutable<z.output<typeof eventSchema>>

/** The types of events. */
export type RunEventType = RunEvent['type']

/** The events of one type, or of some. */
export type EventOf<Type extends RunEventType> = Extract<RunEvent, { readonly type: Type }>
