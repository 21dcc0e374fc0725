// SPDX-License-Identifier: GPL-2.0-only
import type { cstr } from '../c/bytes.ts'
import { container_of, embed, embedded, struct } from '../c/struct.ts'
import type { kernfs_node } from '../fs/kernfs.ts'
import { kref } from '../lib/kref.ts'
import { objectId } from '../mm/slab.ts'
import type { Allocated } from '../mm/slab-record.ts'

/** `struct kobj_type` (include/linux/kobject.h, v4.18): the operations of one type of kobject. */
export interface kobj_type {
  /** Called when the last reference is dropped. */
  readonly release: (kobj: kobject) => void
}

/** Actions of uevents (`enum kobject_action`, include/linux/kobject.h, v4.18), spelled as user space reads them. */
export const kobject_actions = [
  'add',
  'remove',
  'change',
  'move',
  'online',
  'offline',
  'bind',
  'unbind',
] as const

/** One of `kobject_actions` (include/linux/kobject.h, v4.18). */
export type kobject_action = (typeof kobject_actions)[number]

/** `struct kobj_uevent_env` (include/linux/kobject.h, v4.18): the variables of a uevent, in order. */
export class kobj_uevent_env extends struct {
  readonly envp: string[] = []
}

/**
 * `struct kset_uevent_ops` (include/linux/kobject.h, v4.18): the functions with which a kset filters and extends the
 * uevents of its objects.
 */
export interface kset_uevent_ops {
  /** Returns whether an object sends uevents. Without this function, the kset filters out no object. */
  readonly filter?: (kset: kset, kobj: kobject) => boolean
  /**
   * Returns the SUBSYSTEM of the uevent, or null for an object that sends none. Without this function, SUBSYSTEM is the
   * name of the kset.
   */
  readonly name?: (kset: kset, kobj: kobject) => string | null
  /** Adds variables. A result other than 0 suppresses the uevent. */
  readonly uevent?: (kset: kset, kobj: kobject, env: kobj_uevent_env) => number
}

/** `struct kobject` (include/linux/kobject.h): a reference-counted object with a directory in sysfs. */
export class kobject extends embedded {
  name: cstr | null = null
  parent: kobject | null = null
  kset: kset | null = null
  ktype: kobj_type | null = null
  sd: kernfs_node | null = null
  readonly kref: kref
  state_initialized = false
  state_in_sysfs = false
  state_add_uevent_sent = false
  state_remove_uevent_sent = false

  constructor() {
    super()
    this.kref = embed(this, new kref(() => kobjectId(this)))
  }
}

/** `struct kset` (include/linux/kobject.h, v4.18): a kobject with a list of member kobjects. */
export class kset extends struct {
  readonly kobj: kobject = embed(this, new kobject())
  readonly list: kobject[] = []
  uevent_ops: kset_uevent_ops | null = null
}

/** Returns the stable name of the object that embeds the kobject; `kobject` if nothing embeds it. */
export function kobjectId(kobj: kobject): string {
  for (let inner: embedded = kobj; ;) {
    const outer = container_of<embedded | Allocated | null>(inner)
    if (outer === null) return 'kobject'
    if ('slab' in outer) return objectId(outer)
    inner = outer
  }
}
