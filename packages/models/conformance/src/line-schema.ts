// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import { splitChain } from './split-chain.ts'

// The error of each schema says what is accepted. The reader adds file, line, field and value.
const text = z.string('a string')
const number = z.number('a number')
const boolean = z.boolean('true or false')
const texts = listOf(text, 'a list of strings')

function listOf<Item extends z.ZodType>(item: Item, accepted = 'a list of objects') {
  return z.array(item, accepted).readonly()
}

function oneOf<const Name extends string>(...names: readonly Name[]) {
  return z.enum(names, names.join(', '))
}

function object<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object(shape, 'an object').readonly()
}

/** An object with any field names. */
function table<Value extends z.ZodType>(value: Value) {
  return z.record(z.string(), value, 'an object').readonly()
}

const reference = object({
  op: oneOf('get', 'put'),
  node: text,
  before: number,
  /** Computed by the observer: one more or one less, whatever the counter did. */
  after: number,
  by: text.transform(splitChain),
}).transform(({ by: { chain, remark }, ...counted }) => ({
  ...counted,
  /** Up to four callers, innermost first. */
  by: chain,
  /** The observer's remark about the node: `already released`, or empty. */
  remark,
}))

const nodeState = z.object({
  kref: number,
  flags: texts,
  phandle: text,
  name: text,
  full_name: text,
  /** Name of the parent, with its life in brackets unless it is allocated. */
  parent: text,
  in_tree: boolean,
  in_sysfs: boolean,
  sysfs_name: text,
})

const named = { id: text, origin: text }
const allocated = z.object({
  ...named,
  life: oneOf('allocated', 'released-not-freed'),
  ...nodeState.shape,
})
const freed = z.object({ ...named, life: oneOf('freed', 'freed-reused'), how: text })
const lives = [...allocated.shape.life.options, ...freed.shape.life.options]

const node = z
  .discriminatedUnion('life', [allocated, freed], {
    error: ({ input }) => (typeof input === 'object' && input !== null ? lives.join(', ') : 'an object'),
  })
  .transform((recorded): RecordedNode => {
    if ('how' in recorded) return { ...recorded, state: null }
    const { id, origin, life, ...state } = recorded
    return { id, origin, life, how: null, state }
  })

const cacheSlot = object({ phandle: text, slot: number, entry: text })

const vioDevice = object({
  dev: text,
  kref: number,
  of_node: text,
  of_node_attached: boolean.nullable(),
  vio_name: text,
  vio_type: text,
  driver: text,
})

const lookup = object({ how: text, of: text, result: text, state: text, kref_with_ours: number })

const report = object({
  text,
  /** The function that the report names as its location; null if it names none. */
  at: text.nullable(),
  /** The call trace as printed, innermost first. */
  trace: texts,
})

const outcome = z
  .union([number, oneOf('killed', 'hung'), z.null()], 'killed, hung, null or a number')
  .transform((rc) => rc ?? 'stopped')

const run = { variant: text, scenario: text }
const boot = oneOf('static', 'dynamic')

/** The first line of a recording: the run, and the boot of its machine. */
export const firstLine = z.object({
  record: z.literal('scenario', '"scenario" in the first line'),
  ...run,
  slub_poison: boolean,
  boot_children: boot,
  boot_parent: boot.default('static'),
  boot: texts,
})

/** A line of a recording after the first: a step, and everything that the observer recorded in it. */
export const stepLine = z.object({
  ...run,
  action: text,
  step: number,
  rc: outcome,
  events: texts,
  refs: listOf(reference),
  lifecycle: texts,
  nodes: listOf(node),
  vio: listOf(vioDevice),
  phandle_cache: listOf(cacheSlot),
  lookups: listOf(lookup),
  device_tree: texts,
  sysfs: table(table(text)),
  drivers: table(texts),
  misc: table(text),
  calls: texts,
  reports: listOf(report),
})

/** Outcome of a recorded step: it returned an exit status, was killed by an Oops, hung, or the machine stopped. */
export type RecordedOutcome = z.output<typeof outcome>

/** A reference taken or dropped on one of the four kinds of nodes. */
export type RecordedReference = Readonly<z.output<typeof reference>>

/** A node in a dump. If it is freed, `state` is null and `how` names the freeing function; otherwise `how` is null. */
export interface RecordedNode {
  readonly id: string
  readonly origin: string
  readonly life: (typeof lives)[number]
  readonly how: string | null
  readonly state: Readonly<z.output<typeof nodeState>> | null
}

/** The phandle cache slot of a phandle. */
export type RecordedCacheSlot = z.output<typeof cacheSlot>

/** A vio device in a dump. */
export type RecordedVioDevice = z.output<typeof vioDevice>

/** Result of a finder. */
export type RecordedLookup = z.output<typeof lookup>

/** A WARNING, BUG, Oops or lock report. */
export type RecordedReport = z.output<typeof report>

/** A step, and everything that the observer recorded in it. */
export type StepLine = z.output<typeof stepLine>
