// SPDX-License-Identifier: GPL-2.0-only
import type { Immutable, RunRecord } from '@pfo-workbench/run'
import { z } from 'zod'
import { evidenceSchema } from './evidence.ts'

const text = z.string()
const texts = z.array(text)
const count = z.number().int().nonnegative()

const found = <
  Id extends z.ZodLiteral<string> | z.ZodString,
  Kind extends string,
  Data extends z.core.$ZodLooseShape,
>(
  oracle: Id,
  kind: Kind,
  data: Data,
) =>
  z.strictObject({
    oracle,
    /** A message id. `data` holds what differs between findings of one kind. */
    kind: z.literal(kind),
    /** The subject of the finding: a node (`/path[generation]`), a device, a console line. */
    subject: text,
    /** Number of the step in which the fault arose; 0 is the boot. */
    step: count,
    /** Number of occurrences or of objects. */
    count,
    /** The step of each occurrence, in order. Absent if there is only one, or if their steps are unknown. */
    steps: z.array(count).exactOptional(),
    data: z.strictObject(data),
    /** The proof, strongest evidence first. */
    evidence: z.array(evidenceSchema),
    /**
     * Keys of findings that this one hides. Example: a function never drops its reference, which is a leak. If another
     * function steals this reference, the count is right again, and the leak does not show.
     */
    masks: texts.exactOptional(),
  })

const shipped = <Id extends string>(id: Id): z.ZodLiteral<Id> => z.literal(id)

/** The detached node of a device. */
const detachedNode = {
  /** `/path[generation]`. */
  node: text,
  state: z.enum(['detached', 'released', 'freed']),
  /** Null if no driver is bound to the device. */
  driver: text.nullable(),
}

/** A change of the live tree that the reconfig chain reports. */
const changeOfTree = z.enum(['attach', 'detach', 'add-property', 'remove-property', 'update-property'])

/** The way in which an owner went away: the driver of a device, or a module. */
const wayToLeave = z.enum(['probe-failed', 'unbound', 'unloaded', 'load-failed'])

/** Schema of `Finding`. */
export const findingSchema = z.discriminatedUnion('kind', [
  /** A task died. `held` are the locks that it held. */
  found(shipped('oops'), 'task-killed', { reason: text, held: texts }),
  /** A task waits for the lock that `subject` names. */
  found(shipped('deadlock'), 'waits-forever', { task: text, holder: text }),
  /** `by` and `freedBy` are functions: the innermost one outside the allocator. */
  found(shipped('use-after-free'), 'touched-after-free', {
    access: z.enum(['read', 'write']),
    by: text,
    freedBy: text,
  }),
  found(shipped('use-after-free'), 'freed-again', { by: text, freedBy: text }),
  found(shipped('refcount'), 'counter-fault', {
    fault: z.enum(['increment-on-0', 'addition-on-0', 'underflow', 'saturated', 'decrement-hit-0']),
  }),
  /** `attached`: the node was in the live tree; otherwise it never was. */
  found(shipped('refcount'), 'bad-put', { attached: z.boolean() }),
  /** `dropper` dropped a reference that `owner` took and still relies on. */
  found(shipped('refcount'), 'stolen-reference', { dropper: text, owner: text }),
  /** `device` refers to the node, but its registration left no reference on it. */
  found(shipped('refcount'), 'node-not-held', { device: text }),
  found(shipped('stale-lookup'), 'detached-node-returned', { finder: text, caller: text }),
  /** `references` is the reference count of the node or device; `count` is the number that `holder` holds. */
  found(shipped('leak'), 'reference-held', {
    state: z.enum(['detached', 'never-attached', 'attached', 'registered', 'unregistered']),
    holder: text,
    references: z.number().int(),
  }),
  found(shipped('duplicate-name'), 'renamed', { wanted: text, used: text }),
  found(shipped('duplicate-name'), 'not-created', {}),
  found(shipped('lost-node'), 'node-missing', {}),
  found(shipped('lost-device'), 'no-device', {}),
  /** `had` is the driver that was bound before. */
  found(shipped('lost-device'), 'driver-gone', { had: text }),
  found(shipped('lost-device'), 'driver-not-bound', { module: text }),
  found(shipped('lost-device'), 'driver-not-loadable', { module: text }),
  found(shipped('stale-device'), 'node-detached', detachedNode),
  found(shipped('stale-device'), 'node-freed', detachedNode),
  /** `subject` is a service (`hwrng pseries_rng`); `driver` is the driver that should offer it. */
  found(shipped('lost-service'), 'service-missing', { driver: text }),
  found(shipped('lost-service'), 'service-without-driver', { driver: text }),
  /**
   * `subject` is a node, with the property name for a property change. `calls` is the number of chain calls per change.
   */
  found(shipped('lost-notification'), 'not-notified', {
    change: changeOfTree,
    calls: count,
  }),
  /**
   * `subject` is the callback. `owner` is the driver or module that registered it; `left` tells how the owner went
   * away.
   */
  found(shipped('left-over'), 'notifier-called', {
    chain: text,
    owner: text,
    left: wayToLeave,
  }),
  /**
   * `subject` is the function of the work. `owner` is the driver or module that queued it; `left` tells how the owner
   * went away.
   */
  found(shipped('left-over'), 'work-run', { queue: text, owner: text, left: wayToLeave }),
  /** `subject` names the structure and the function that allocated it. */
  found(shipped('memory-leak'), 'unreachable', { struct: text, by: text }),
  found(shipped('missed-update'), 'old-value-in-node', { driver: text }),
  found(shipped('missed-update'), 'old-value-in-driver', { driver: text }),
  /** `subject` is the path of a node in the tree, and a property name. */
  found(shipped('missed-update'), 'old-value-in-tree', {}),
  /** `subject` is a detached node and a property name. The node in the tree at the same path has the old value. */
  found(shipped('missed-update'), 'new-value-in-detached-node', {}),
  /** `subject` is the RTAS call that lists changed nodes; `calls` is the number of such calls after the migration. */
  found(shipped('missed-update'), 'changes-not-read', { calls: count }),
  found(shipped('broken-sysfs'), 'dangling-link', {}),
  found(shipped('broken-sysfs'), 'file-changed', { before: text, now: text }),
  found(shipped('interruption'), 'driver-unbound', { driver: text, boundAgain: z.boolean() }),
  /** `lock` is empty if only interrupts were off. `holder` is the function that took the lock, or null if unknown. */
  found(shipped('sleep-in-atomic'), 'may-sleep', { lock: text, holder: text.nullable() }),
  /** `names` are the nodes and devices that the line mentions. */
  found(shipped('console'), 'console-line', { line: text, names: texts }),
  /** For oracles that the workbench does not ship: they bring their own sentence. */
  found(text, 'in-words', { message: text }),
])

/** A fault in a run. `oracle` and `subject` form its key, which is the same in every run that has the fault. */
export type Finding = Immutable<z.output<typeof findingSchema>>

/** The kinds of findings. */
export type FindingKind = Finding['kind']

/** The findings of one kind. */
export type FindingOf<Kind extends FindingKind> = Extract<Finding, { readonly kind: Kind }>

/** A pure function that returns the findings of a run. */
export interface Oracle {
  readonly id: string
  /** Meaning of a finding of this oracle, in one line. */
  readonly title: string
  /** Returns the findings of a run. Pure. */
  readonly examine: (run: RunRecord) => Finding[]
}
