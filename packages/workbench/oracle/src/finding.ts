// SPDX-License-Identifier: GPL-2.0-only
import type { Immutable, RunRecord } from '@pfo-workbench/run'
import { z } from 'zod'
import { evidenceSchema } from './evidence.ts'

const text = z.string()
const texts = z.array(text)
const count = z.number().int().nonnegative()

const found = <Id extends string, Kind extends string, Data extends z.core.$ZodLooseShape>(
  oracle: Id,
  kind: Kind,
  data: Data,
) =>
  z.strictObject({
    oracle: z.literal(oracle),
    /** What it says: a message id. `data` holds what differs from one finding of the kind to the next. */
    kind: z.literal(kind),
    /** What it is about: a node (`/path[generation]`), a device, a line of the console. */
    subject: text,
    /** Number of the step in which it arose; 0 is the boot. */
    step: count,
    /** How often it happened, or how many there are. */
    count,
    data: z.strictObject(data),
    /** What proves it, the most telling first. */
    evidence: z.array(evidenceSchema),
    /** Keys of findings that cannot show because of this one: a reference that was stolen is not leaked. */
    masks: texts.exactOptional(),
  })

/** The detached node of a device. */
const detachedNode = {
  /** `/path[generation]`. */
  node: text,
  state: z.enum(['detached', 'released', 'freed']),
  driver: text.nullable(),
}

/** Schema of `Finding`. */
export const findingSchema = z.discriminatedUnion('kind', [
  /** A task died holding these locks. */
  found('oops', 'task-killed', { reason: text, held: texts }),
  /** A task waits for the lock that `subject` names. */
  found('deadlock', 'waits-forever', { task: text, holder: text }),
  /** Functions, innermost first but for those of the allocator. */
  found('use-after-free', 'touched-after-free', {
    access: z.enum(['read', 'write']),
    by: text,
    freedBy: text,
  }),
  found('use-after-free', 'freed-again', { by: text, freedBy: text }),
  found('refcount', 'counter-fault', {
    fault: z.enum(['increment-on-0', 'addition-on-0', 'underflow', 'saturated', 'decrement-hit-0']),
  }),
  /** `attached`: whether the node was in the live tree; else it never was. */
  found('refcount', 'bad-put', { attached: z.boolean() }),
  /** `dropper` dropped a reference that `owner` took and still counts on. */
  found('refcount', 'stolen-reference', { dropper: text, owner: text }),
  found('stale-lookup', 'detached-node-returned', { finder: text, caller: text }),
  /** `references` is the counter: all references on the node, `count` those of the holder. */
  found('leak', 'reference-held', {
    state: z.enum(['detached', 'never-attached']),
    holder: text,
    references: z.number().int(),
  }),
  found('duplicate-name', 'renamed', { wanted: text, used: text }),
  found('duplicate-name', 'not-created', {}),
  found('lost-node', 'node-missing', {}),
  found('lost-device', 'no-device', {}),
  /** `had` is the driver that the device had before. */
  found('lost-device', 'driver-gone', { had: text }),
  found('lost-device', 'driver-not-bound', { module: text }),
  found('lost-device', 'driver-not-loadable', { module: text }),
  found('stale-device', 'node-detached', detachedNode),
  found('stale-device', 'node-freed', detachedNode),
  found('missed-update', 'old-value-in-node', { driver: text }),
  found('missed-update', 'old-value-in-driver', { driver: text }),
  found('broken-sysfs', 'dangling-link', {}),
  found('broken-sysfs', 'file-changed', { before: text, now: text }),
  found('interruption', 'driver-unbound', { driver: text, boundAgain: z.boolean() }),
  /** `lock` is empty if only interrupts were off; `holder` took the lock, null where that is not known. */
  found('sleep-in-atomic', 'may-sleep', { lock: text, holder: text.nullable() }),
  /** `names` are the nodes and devices that the line names. */
  found('console', 'console-line', { line: text, names: texts }),
])

/** Something wrong in a run. `oracle` and `subject` together are its key: the same in every run in which it arises. */
export type Finding = Immutable<z.output<typeof findingSchema>>

/** The kinds of findings. */
export type FindingKind = Finding['kind']

/** The findings of one kind. */
export type FindingOf<Kind extends FindingKind> = Extract<Finding, { readonly kind: Kind }>

/** A pure function from a run to what is wrong in it. */
export interface Oracle {
  readonly id: Finding['oracle']
  /** What a finding means, in one line. */
  readonly title: string
  /** What is wrong in a run. Pure. */
  readonly examine: (run: RunRecord) => Finding[]
}
