// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import { chainSchema } from './frame.ts'
import type { Immutable } from './immutable.ts'
import { count, integer, text, texts } from './primitives.ts'

/** Fields that all events have. */
const header = {
  /** Position in the run, from 0. */
  seq: count,
  /** Number of the step during which it happened; 0 is the boot. */
  step: count,
  /** Name and number of the running task (`init/1`). */
  task: text,
  /**
   * Kernel functions that led to the event, innermost first. An engine may resolve the chain on first access: see
   * `BootedKernel.events`.
   */
  chain: chainSchema,
}

const event = <Type extends string, Fields extends z.core.$ZodLooseShape>(type: Type, fields: Fields) =>
  z.strictObject({ type: z.literal(type), ...header, ...fields })

/** Stable name of a kernel object: its struct and its number in order of allocation (`device_node#12`). */
const object = text
const directoryEntry = { path: text, kind: z.enum(['directory', 'file', 'link']) }
const device = { object, name: text }
const driver = { object, device: text, driver: text }
/** Result of the kernel function: 0 or a negative errno. */
const result = integer
const module = { module: text, result }
const service = { service: text, name: text }
/** Call chains of the allocation and of the free. */
const freed = { allocatedBy: chainSchema, freedBy: chainSchema }

/** Schema of `RunEvent`. */
export const eventSchema = z.discriminatedUnion('type', [
  /** Memory was allocated. `size` is the size of a buffer in bytes, 0 for a struct. */
  event('alloc', { object, struct: text, size: count }),
  /** An allocation failed because the scenario injected a failure. */
  event('alloc.failed', { struct: text }),
  /** Memory was freed. */
  event('free', { object, struct: text }),
  /** Freed memory was read, written, or called through a function pointer in it. */
  event('use-after-free', { object, struct: text, field: text, access: z.enum(['read', 'write']), ...freed }),
  /** Freed memory was freed again. */
  event('double-free', { object, struct: text, ...freed }),
  /** Memory outside an allocated object was accessed. `offset` is in bytes from the start of the object. */
  event('out-of-bounds', {
    object,
    struct: text,
    offset: integer,
    size: count,
    access: z.enum(['read', 'write']),
  }),
  /** A reference was taken. `before` and `after` are the 32-bit counter values. */
  event('ref.get', { object, before: integer, after: integer }),
  /** A reference was dropped. */
  event('ref.put', { object, before: integer, after: integer }),
  /** The last reference was dropped; the release function runs. */
  event('ref.release', { object }),
  /** A counter was misused as `refcount_t` defines it, even if the kernel does not print a warning. */
  event('ref.fault', {
    object,
    fault: z.enum(['increment-on-0', 'addition-on-0', 'underflow', 'saturated', 'decrement-hit-0']),
  }),
  /** A node was linked into the live tree. */
  event('node.attach', { object, parent: object.nullable(), path: text }),
  /** A node was unlinked from the live tree. `again`: the node had been detached before. */
  event('node.detach', { object, parent: object.nullable(), path: text, again: z.boolean() }),
  /**
   * The last reference was dropped on a node without `OF_DETACHED`, so the kernel prints an error and keeps the node.
   * `attached` tells whether the node was in the live tree: nodes that never were in it have no flag either.
   */
  event('node.bad-put', { object, path: text, attached: z.boolean() }),
  /** A notifier chain called one callback. */
  event('notifier.call', { head: text, callback: text, action: integer, result: integer }),
  /** A callback was registered on a notifier chain, or unregistered from it. */
  event('notifier.register', { head: text, callback: text }),
  event('notifier.unregister', { head: text, callback: text }),
  /** A piece of work was queued, or a worker took it off the queue and runs it; `callback` is its function. */
  event('work.queue', { queue: text, callback: text }),
  event('work.run', { queue: text, callback: text }),
  /**
   * A property of a node was added, removed or replaced. `attached` tells whether the node has a directory in sysfs.
   * Without one, no notifier is called.
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
  /** A sysfs name was in use, so another one was chosen. */
  event('sysfs.rename', { directory: text, wanted: text, used: text }),
  /** Creation failed because the sysfs name was in use. */
  event('sysfs.duplicate', { path: text }),
  event('device.register', device),
  event('device.unregister', device),
  event('device.release', device),
  event('driver.bind', driver),
  event('driver.unbind', driver),
  event('driver.probe-failed', { ...driver, error: integer }),
  event('module.load', module),
  event('module.unload', module),
  /** An algorithm, a random number generator or another service was registered or unregistered. */
  event('service.register', service),
  event('service.unregister', service),
  /** The kernel called firmware. */
  event('rtas.call', { service: text, status: integer }),
  /** The kernel called the hypervisor. `status` 0 means success. */
  event('hcall', { call: text, status: integer }),
  /**
   * The kernel processed one entry of firmware's node list. The kernel ignores the result. `phandle` is the phandle of
   * the node; for an addition, of its parent. `drcIndex` is null except for additions.
   */
  event('mobility.entry', {
    action: z.enum(['delete', 'update', 'add']),
    phandle: integer,
    drcIndex: integer.nullable(),
    result,
  }),
  /** A console line with its log level. */
  event('printk', { level: integer, text }),
  /** A `WARN`. */
  event('warn', { file: text, line: integer, function: text, text, once: z.boolean() }),
  /**
   * A report of the lock or sleep checks about `function`. For a sleep in atomic context, `lock` is the innermost lock
   * or read-side critical section, or empty if only interrupts are off. `holder` is the function that took the lock;
   * null if there is none or if it is unknown.
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
  /** A task was killed. `held` lists the locks that it never releases. */
  event('oops', { function: text, reason: text, held: texts }),
  /** A task waits forever. */
  event('hang', { lock: text, holder: text, held: texts }),
  /** The run reached a function that the engine does not have, and ended there. */
  event('unmodelled', { function: text }),
  /** The kernel sent a uevent. `device` is its subject; `env` lists its variables in order, without SEQNUM. */
  event('uevent', { object, action: text, device: text, env: texts }),
])

/** An event in a run. `type` determines its fields. */
export type RunEvent = Immutable<z.output<typeof eventSchema>>

/** All event types. */
export type RunEventType = RunEvent['type']

/** Events of one or more types. */
export type EventOf<Type extends RunEventType> = Extract<RunEvent, { readonly type: Type }>
