// SPDX-License-Identifier: GPL-2.0-only
import type { Immutable } from '@pfo-workbench/run'
import { z } from 'zod'

const text = z.string()
const count = z.number().int().nonnegative()

const treeNode = z.strictObject({
  /** `/path[generation]`, as in the subjects of findings. */
  node: text,
  path: text,
  life: z.enum(['allocated', 'released', 'freed']),
  inTree: z.boolean(),
  flags: z.array(text),
  refcount: z.number(),
  phandle: z.number(),
  sysfs: text.nullable(),
  /** The vio device that refers to the node, and its driver; null if there is none. */
  device: text.nullable(),
  driver: text.nullable(),
})

const countPoint = z.strictObject({
  /** Position in the run. */
  seq: count,
  step: count,
  /** The count after the event. */
  count: z.number(),
  /** The difference from the count before the event; 0 for a saturated counter. */
  change: z.number(),
  /** The function that took or dropped the reference. */
  by: text,
})

const nodeCounts = z.strictObject({ node: text, points: z.array(countPoint) })

const moment = z.strictObject({
  /** The nodes that are new or changed since the previous step. */
  nodes: z.array(treeNode),
  /** Content of the phandle cache; `node` as in `TreeNode`. */
  phandleCache: z.array(z.strictObject({ slot: count, node: text, freed: z.boolean() })),
  /** The devices of the VIO bus. */
  vio: z.array(z.strictObject({ device: text, driver: text.nullable(), node: text.nullable() })),
})

/** Schema of `Story`. */
export const storySchema = z.strictObject({
  /** The nodes after boot, and at the end. */
  trees: z.strictObject({ before: z.array(treeNode), after: z.array(treeNode) }),
  /** Only nodes whose count changed after boot. */
  counts: z.array(nodeCounts),
  /** The machine after each step, starting with boot. Absent in documents of older versions. */
  moments: z.array(moment).exactOptional(),
})

/** A device tree node at some point of a run, attached or not. */
export type TreeNode = Immutable<z.output<typeof treeNode>>

/** A reference that was taken or dropped. */
export type CountPoint = Immutable<z.output<typeof countPoint>>

/** The reference count of a node during a run, starting with boot. */
export type NodeCounts = Immutable<z.output<typeof nodeCounts>>

/** The machine after a step: only the differences from the previous step. */
export type Moment = Immutable<z.output<typeof moment>>

/** The effect of a run on the device tree. */
export type Story = Immutable<z.output<typeof storySchema>>
