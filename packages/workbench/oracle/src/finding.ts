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
    /** What it says: a message id. `data` holds what differs from one finding of the kind to the next. */
    kind: z.literal(kind),
    /** What it is about: a node (`/path[generation]`), a device, a line of the console. */
    subject: text,
    /** Number of the step in which it arose; 0 is the boot. */
    step: count,
    /** How often it happened, or how many there are. */
    count,
    /** Of what happened more than once: the step of each time, in order. */
    steps: z.array(count).exactOptional(),
    data: z.strictObject(data),
    /** What proves it, the most telling first. */
    evidence: z.array(evidenceSchema),
    /** Keys of findings that cannot show because of this one: a reference that was stolen is not leaked. */
    masks: texts.exactOptional(),
  })

const shipped = <Id extends string>(id: Id): z.ZodLiteral<Id> => z.literal(id)

/** The detached node of a device. */
const detachedNode = {
  /** `/path[generation]`. */
  node: text,
  state: z.enum(['detached', 'released', 'freed']),
  driver: text.nullable(),
}

/** A change of the live tree that the reconfig chain is told. */
const changeOfTree = z.enum(['attach', 'detach', 'add-property', 'remove-property', 'update-property'])

/** How an owner left: the driver of a device, or a module. */
const wayToLeave = z.enum(['probe-failed', 'unbound', 'unloaded', 'load-failed'])

/** Schema of `Finding`. */
export const findingSchema = z.discriminatedUnion('kind', [
  /** A task died holding these locks. */
  found(shipped('oops'), 'task-killed', { reason: text, held: texts }),
  /** A task waits for the lock that `subject` names. */
  found(shipped('deadlock'), 'waits-forever', { task: text, holder: text }),
  /** Functions, innermost first but for those of the allocator. */
  found(shipped('use-after-free'), 'touched-after-free', {
    access: z.enum(['read', 'write']),
    by: text,
    freedBy: text,
  }),
  found(shipped('use-after-free'), 'freed-again', { by: text, freedBy: text }),
  found(shipped('refcount'), 'counter-fault', {
    fault: z.enum(['increment-on-0', 'addition-on-0', 'underflow', 'saturated', 'decrement-hit-0']),
  }),
  /** `attached`: whether the node was in the live tree; else it never was. */
  found(shipped('refcount'), 'bad-put', { attached: z.boolean() }),
  /** `dropper` dropped a reference that `owner` took and still counts on. */
  found(shipped('refcount'), 'stolen-reference', { dropper: text, owner: text }),
  found(shipped('stale-lookup'), 'detached-node-returned', { finder: text, caller: text }),
  /** `references` is the counter: all references on the node, `count` those of the holder. */
  found(shipped('leak'), 'reference-held', {
    state: z.enum(['detached', 'never-attached', 'attached']),
    holder: text,
    references: z.number().int(),
  }),
  found(shipped('duplicate-name'), 'renamed', { wanted: text, used: text }),
  found(shipped('duplicate-name'), 'not-created', {}),
  found(shipped('lost-node'), 'node-missing', {}),
  found(shipped('lost-device'), 'no-device', {}),
  /** `had` is the driver that the device had before. */
  found(shipped('lost-device'), 'driver-gone', { had: text }),
  found(shipped('lost-device'), 'driver-not-bound', { module: text }),
  found(shipped('lost-device'), 'driver-not-loadable', { module: text }),
  found(shipped('stale-device'), 'node-detached', detachedNode),
  found(shipped('stale-device'), 'node-freed', detachedNode),
  /** `subject` is a service (`hwrng pseries_rng`), `driver` the one that should offer it. */
  found(shipped('lost-service'), 'service-missing', { driver: text }),
  found(shipped('lost-service'), 'service-without-driver', { driver: text }),
  /** `subject` is a node, and of a property its name; `calls` is how often the chain was called for one change. */
  found(shipped('lost-notification'), 'not-notified', {
    change: changeOfTree,
    calls: count,
  }),
  /** `subject` is the callback; `owner` is the driver or the module that put it on the chain, and that has left. */
  found(shipped('left-over'), 'notifier-called', {
    chain: text,
    owner: text,
    left: wayToLeave,
  }),
  /** `subject` is the function of the work; `owner` is the driver or the module that queued it, and that has left. */
  found(shipped('left-over'), 'work-run', { queue: text, owner: text, left: wayToLeave }),
  /** `subject` says what was allocated by which function. */
  found(shipped('memory-leak'), 'unreachable', { struct: text, by: text }),
  found(shipped('missed-update'), 'old-value-in-node', { driver: text }),
  found(shipped('missed-update'), 'old-value-in-driver', { driver: text }),
  /** `subject` is the path of a node in the tree, and the name of a property. */
  found(shipped('missed-update'), 'old-value-in-tree', {}),
  /** `subject` is the service that names what firmware changed; `calls` is how often the kernel called it after the migration. */
  found(shipped('missed-update'), 'changes-not-read', { calls: count }),
  found(shipped('broken-sysfs'), 'dangling-link', {}),
  found(shipped('broken-sysfs'), 'file-changed', { before: text, now: text }),
  found(shipped('interruption'), 'driver-unbound', { driver: text, boundAgain: z.boolean() }),
  /** `lock` is empty if only interrupts were off; `holder` took the lock, null where that is not known. */
  found(shipped('sleep-in-atomic'), 'may-sleep', { lock: text, holder: text.nullable() }),
  /** `names` are the nodes and devices that the line names. */
  found(shipped('console'), 'console-line', { line: text, names: texts }),
  /** Of an oracle that the workbench does not ship: it has a sentence of its own. */
  found(text, 'in-words', { message: text }),
])

/** Something wrong in a run. `oracle` and `subject` together are its key: the same in every run in which it arises. */
export type Finding = Immutable<z.output<typeof findingSchema>>

/** The kinds of findings. */
export type FindingKind = Finding['kind']

/** The findings of one kind. */
export type FindingOf<Kind extends FindingKind> = Extract<Finding, { readonly kind: Kind }>

/** A pure function from a run to what is wrong in it. */
export interface Oracle {
  readonly id: string
  /** What a finding means, in one line. */
  readonly title: string
  /** What is wrong in a run. Pure. */
  readonly examine: (run: RunRecord) => Finding[]
}
