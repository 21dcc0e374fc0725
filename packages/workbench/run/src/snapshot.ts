// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import type { Immutable } from './immutable.ts'
import { count, text, texts } from './primitives.ts'

const nodeSchema = z.strictObject({
  /** Stable name of the struct (`device_node#12`), as in events. */
  object: text,
  path: text,
  /** Number of earlier nodes at this path. 0 is the node of the boot tree. */
  generation: count,
  life: z.enum(['allocated', 'released', 'freed']),
  refcount: z.number(),
  /** Names of the flags that are set (`OF_DETACHED`). */
  flags: texts,
  phandle: z.number(),
  /** True if the node is reachable from the root of the live tree. */
  inTree: z.boolean(),
  /** Name of the node's sysfs directory; null if it has none. */
  sysfs: text.nullable(),
  /**
   * Properties that firmware changed on its own, and whose values in the node differ from the current values of
   * firmware. Absent if there are none or if the node was freed.
   */
  outdated: texts.exactOptional(),
})

const deviceFilesSchema = z.strictObject({
  name: text.nullable(),
  devspec: text.nullable(),
  modalias: text.nullable(),
  /** Target of the link; null if the link is dangling or missing. */
  of_node: text.nullable(),
})

const vioDeviceSchema = z.strictObject({
  object: text,
  /** Device name in sysfs. */
  device: text,
  driver: text.nullable(),
  /** Object name of the node that the device refers to. */
  node: text.nullable(),
  /** Content of the device's files in sysfs, without the trailing newline. */
  files: deviceFilesSchema,
  /** True if firmware allows use of the facility: the "status" property in firmware's own tree at the node's path. */
  enabled: z.boolean(),
  /**
   * True if the node has all properties that the facility has on PowerVM. Without them its driver cannot offer all
   * services.
   */
  complete: z.boolean(),
  /**
   * Properties that firmware changed on its own, and whose values in the kernel's node differ from the current values
   * of firmware.
   */
  outdated: texts,
  /**
   * Settings that the bound driver derived from the node's properties, as text; null for a driver that derives none.
   */
  settings: text.nullable(),
})

const fileSchema = z.strictObject({
  path: text,
  /**
   * Content from read or readlink, one character per byte. Text in parentheses gives the reason if there is no content.
   */
  content: text,
})

/** Schema of `Snapshot`. */
export const snapshotSchema = z.strictObject({
  /** All nodes that have existed since boot, including freed ones. */
  nodes: z.array(nodeSchema),
  /** Entries of the kernel's phandle cache. Empty if the kernel has no such cache. */
  phandleCache: z.array(z.strictObject({ slot: count, node: text, freed: z.boolean() })),
  /** The devices of the VIO bus. */
  vio: z.array(vioDeviceSchema),
  /**
   * Files and links of sysfs and procfs, sorted by path. Absent if the engine cannot read them without side effects.
   */
  files: z.array(fileSchema).exactOptional(),
  /** Paths of the nodes in firmware's own tree now. */
  firmware: texts,
})

/** A device tree node of the running kernel, including released and freed ones. */
export type NodeState = Immutable<z.output<typeof nodeSchema>>

/** A file or link in sysfs or procfs, with its content. */
export type PseudoFile = Immutable<z.output<typeof fileSchema>>

/** Content of a device's files in sysfs, without the trailing newline. Null for a file that cannot be read. */
export type DeviceFiles = Immutable<z.output<typeof deviceFilesSchema>>

/** A device of the VIO bus. */
export type VioDeviceState = Immutable<z.output<typeof vioDeviceSchema>>

/** State of the machine between two steps. */
export type Snapshot = Immutable<z.output<typeof snapshotSchema>>
