// SPDX-License-Identifier: GPL-2.0-only
import { fileScope, mutex, spinlock, type device_node, type kset } from '@pfo-workbench/kernel'

/** `struct alias_prop` (drivers/of/of_private.h, v4.18): a name for a node, with the reference that finding it took. */
export interface alias_prop {
  readonly alias: string
  readonly np: device_node
}

/** What the files of the OF core share (drivers/of/of_private.h and base.c, v4.18): one set per booted machine. */
export interface OfState {
  of_root: device_node | null
  of_chosen: device_node | null
  of_aliases: device_node | null
  /** The console that firmware chose. */
  of_stdout: device_node | null
  /** In the order of the properties of `/aliases`. */
  readonly aliases_lookup: alias_prop[]
  of_kset: kset | null
  /** Held for any change of the tree together with its sysfs picture. */
  readonly of_mutex: mutex
  /** Guards tree links, property lists and the phandle cache; interrupts are off under it. */
  readonly devtree_lock: spinlock
}

/** File-scope variables of the OF core. */
export const ofState: () => OfState = fileScope(() => ({
  of_root: null,
  of_chosen: null,
  of_aliases: null,
  of_stdout: null,
  aliases_lookup: [],
  of_kset: null,
  of_mutex: new mutex('of_mutex'),
  devtree_lock: new spinlock('devtree_lock', { fleeting: true }),
}))
