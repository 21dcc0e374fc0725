// SPDX-License-Identifier: GPL-2.0-only
import { fileScope, mutex, spinlock, type device_node, type kset } from '@pfo-workbench/kernel'

/**
 * `struct alias_prop` (drivers/of/of_private.h, v4.18): an alias and its node. Holds the reference that
 * `of_alias_scan` took.
 */
export interface alias_prop {
  readonly alias: string
  readonly np: device_node
}

/**
 * Variables shared by the files of the OF core (drivers/of/of_private.h and base.c, v4.18): one set per booted machine.
 */
export interface OfState {
  of_root: device_node | null
  of_chosen: device_node | null
  of_aliases: device_node | null
  /** The node of the console that firmware chose. */
  of_stdout: device_node | null
  /** The aliases that end in a number, in order of the properties of `/aliases`. */
  readonly aliases_lookup: alias_prop[]
  of_kset: kset | null
  /** Serialises changes to the tree and to its files in sysfs. */
  readonly of_mutex: mutex
  /** Protects tree links, property lists and the phandle cache. Taken with interrupts off. */
  readonly devtree_lock: spinlock
}

/** The file-scope variables of the OF core. */
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
