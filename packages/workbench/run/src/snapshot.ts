// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import type { Immutable } from './immutable.ts'
import { count, text, texts } from './primitives.ts'

const nodeSchema = z.strictObject({
  /** Stable name of the struct (`device_node#12`), as in events. */
  object: text,
  path: text,
  /** How many nodes of this path there were before it; 0 came with the boot tree. */
  generation: count,
  life: z.enum(['allocated', 'released', 'freed']),
  refcount: z.number(),
  /** Names of the flags that are set (`OF_DETACHED`). */
  flags: texts,
  phandle: z.number(),
  /** Whether the live tree leads to it. */
  inTree: z.boolean(),
  /** Name of its directory in sysfs; null if it has none. */
  sysfs: text.nullable(),
  /** Of a node in the tree: properties that firmware changed by itself and that it does not have as firmware has them now, if any. */
  outdated: texts.exactOptional(),
})

const deviceFilesSchema = z.strictObject({
  name: text.nullable(),
  devspec: text.nullable(),
  modalias: text.nullable(),
  /** Where the link leads to; null if nowhere, or if there is none. */
  of_node: text.nullable(),
})

const vioDeviceSchema = z.strictObject({
  object: text,
  /** Name in sysfs. */
  device: text,
  driver: text.nullable(),
  /** The node it refers to, by its object. */
  node: text.nullable(),
  /** What its files in sysfs give: texts without the newline. */
  files: deviceFilesSchema,
  /** Whether firmware lets the facility be used: the "status" that its own tree has at the path of the node. */
  enabled: z.boolean(),
  /** Whether its node has the properties that the facility has on PowerVM: its driver can then offer all that it has. */
  complete: z.boolean(),
  /** Properties that firmware changed by itself and that its node does not have as firmware has them now. */
  outdated: texts,
  /** What the bound driver has made of its node's properties, as text; null for a driver that makes nothing of them. */
  settings: text.nullable(),
})

const fileSchema = z.strictObject({
  path: text,
  /** What a read or a readlink gives, one character a byte; what stands in brackets says why it gives nothing. */
  content: text,
})

/** Schema of `Snapshot`. */
export const snapshotSchema = z.strictObject({
  /** All nodes that there ever were. */
  nodes: z.array(nodeSchema),
  /** What the kernel's cache of phandles holds; empty where there is none. */
  phandleCache: z.array(z.strictObject({ slot: count, node: text, freed: z.boolean() })),
  /** The devices of the VIO bus. */
  vio: z.array(vioDeviceSchema),
  /** The files and links of sysfs and procfs, in the order of their paths; not there if the engine cannot read them without a trace. */
  files: z.array(fileSchema).exactOptional(),
  /** Paths of the nodes that firmware's own tree has now. */
  firmware: texts,
})

/** A device tree node of the running kernel, alive or not. */
export type NodeState = Immutable<z.output<typeof nodeSchema>>

/** A file or a link of sysfs, and what it gives. */
export type KernelFile = Immutable<z.output<typeof fileSchema>>

/** What a device's files in sysfs give: texts without the newline, null for one that cannot be read now. */
export type DeviceFiles = Immutable<z.output<typeof deviceFilesSchema>>

/** A device of the VIO bus. */
export type VioDeviceState = Immutable<z.output<typeof vioDeviceSchema>>

/** The machine between two steps. */
export type Snapshot = Immutable<z.output<typeof snapshotSchema>>
