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
  /** The vio device that refers to it, and the driver bound to that. */
  device: text.nullable(),
  driver: text.nullable(),
})

const countPoint = z.strictObject({
  /** Position in the run. */
  seq: count,
  step: count,
  /** The count afterwards. */
  count: z.number(),
  /** By how much it changed: 0 for a counter that is saturated. */
  change: z.number(),
  /** The function that the reference was taken or dropped for. */
  by: text,
})

const nodeCounts = z.strictObject({ node: text, points: z.array(countPoint) })

const moment = z.strictObject({
  /** The nodes that are new, or otherwise than after the step before. */
  nodes: z.array(treeNode),
  /** What the phandle cache holds; `node` as in `TreeNode`. */
  phandleCache: z.array(z.strictObject({ slot: count, node: text, freed: z.boolean() })),
  /** The devices of the VIO bus. */
  vio: z.array(z.strictObject({ device: text, driver: text.nullable(), node: text.nullable() })),
})

/** Schema of `Story`. */
export const storySchema = z.strictObject({
  /** The nodes after the boot, and at the end. */
  trees: z.strictObject({ before: z.array(treeNode), after: z.array(treeNode) }),
  /** Of the nodes whose count changed after the boot. */
  counts: z.array(nodeCounts),
  /** The machine after each step, from the boot on; not there in documents that were written before there was such a thing. */
  moments: z.array(moment).exactOptional(),
})

/** A device tree node at a moment of a run, in the tree or not. */
export type TreeNode = Immutable<z.output<typeof treeNode>>

/** A reference that was taken or dropped. */
export type CountPoint = Immutable<z.output<typeof countPoint>>

/** The reference count of a node over a run, from the boot on. */
export type NodeCounts = Immutable<z.output<typeof nodeCounts>>

/** The machine between two steps, as far as it is otherwise than before the step. */
export type Moment = Immutable<z.output<typeof moment>>

/** What a run did to the device tree. */
export type Story = Immutable<z.output<typeof storySchema>>
