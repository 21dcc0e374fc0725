// SPDX-License-Identifier: GPL-2.0-only
import type { KernelEvent } from '@pfo-workbench/kernel'

/** A node as seen by an observer of the kernel's memory, without taking a reference or lock. */
export interface ObservedNode {
  /** Name of the object that now occupies the memory. */
  readonly object: string
  readonly refcount: number
  readonly phandle: number
  readonly name: string | null
  readonly fullName: string | null
  /** Object name of the node that `parent` points to. */
  readonly parent: string | null
  readonly isDynamic: boolean
  readonly isDetached: boolean
  readonly inSysfs: boolean
  /** Name of its directory in sysfs as `%s` prints it, even from freed memory. */
  readonly sysfsName: string | null
}

/** The target of a string pointer: the string, null for NULL, or a mark that the memory was freed. */
export type BorrowedText = string | null | { readonly freed: true }

/** A VIO device as seen by an observer of the kernel's memory. */
export interface ObservedDevice {
  readonly name: string | null
  readonly refcount: number
  /** Object name of the node that `dev.of_node` points to. */
  readonly node: string | null
  /** True if the node of the device is flagged `OF_DETACHED`; null without a node. */
  readonly isNodeDetached: boolean | null
  readonly vioName: BorrowedText
  readonly vioType: BorrowedText
  readonly driver: string | null
}

/** An allocated `device_node`, with its state at the first inspection. */
export interface NodeBirth extends Pick<ObservedNode, 'object' | 'fullName' | 'parent' | 'isDynamic'> {
  readonly step: number
  /** Functions that allocated it, innermost first. */
  readonly chain: readonly string[]
}

/** A finder of drivers/of, and its argument. */
export type Finder =
  | { readonly how: 'of_find_node_by_phandle'; readonly handle: number }
  | {
      readonly how:
        'of_find_node_by_name' | 'of_find_node_by_path' | 'of_find_node_by_type' | 'of_find_compatible_node'
      readonly text: string
    }

/** Result of a finder, with the reference that it took. */
export interface FoundNode {
  readonly object: string
  /** Drops the reference. */
  put(): void
}

/** Calls a finder. */
export type Find = (finder: Finder) => FoundNode | null

/** Actions of a shell on the recorded machine. Results have the form of `RecordedKernel`'s results. */
export interface UserSpace {
  insmod(name: string): number | null
  rmmod(name: string): number | null
  read(path: string): string | number | null
  write(path: string, text: string): number | null
  /** Names in a directory, sorted. */
  readdir(path: string): readonly string[] | number | null
  /** The target of a symbolic link. */
  readlink(path: string): string | number | null
}

/**
 * A freshly booted kernel on which a recording is replayed. Engines implement it.
 *
 * Calls that run kernel code return 0 or a positive number on success, a negative errno on error, and null if the task
 * did not return.
 */
export interface RecordedKernel {
  /** Number of the current step, stored in events. */
  step: number
  /** All events so far, including allocations. */
  readonly events: readonly KernelEvent[]
  /** Number of the first event that the recorder could see. The recorder started just before `of_core_init`. */
  readonly observedFrom: number
  /** True if freed memory is poisoned. */
  readonly slubPoison: boolean
  /** True if the last task that did not return hangs forever; otherwise an Oops killed it. */
  readonly lastTaskHangs: boolean

  readonly userSpace: UserSpace
  /** Calls `pseries_devicetree_update(scope)` in a task. */
  updateTree(scope: number): number | null
  /** Runs deferred work until the queues are empty. */
  settle(): void

  /** Runs `body` as one process that calls finders. @returns null if the process did not return */
  lookUp<T>(body: (find: Find) => T): T | null

  /** All `device_node`s ever allocated, in order. */
  births(): readonly NodeBirth[]
  /** The node that occupies the memory where that object was allocated; null if there is no such object. */
  node(object: string): ObservedNode | null
  /** Object names of the nodes in the live tree, the root first. */
  liveNodes(): readonly string[]
  /** The phandle cache: the slot of a phandle, -1 if there is none; and the object in the slot, null if it is empty. */
  cacheSlot(handle: number): { readonly slot: number; readonly object: string | null }
  /** Devices on the bus, without the fake parent. */
  vioDevices(): readonly ObservedDevice[]
  /** Name of the random number generator in use; null if there is none. */
  hwrng(): string | null
  /** Driver names of the registered algorithms. */
  algorithms(): readonly string[]

  /**
   * Sets the function that chooses the memory of new nodes.
   *
   * @param choose - called at each allocation of a node; returns the object whose freed memory the node gets, or null
   * for fresh memory
   */
  reuseMemory(choose: () => string | null): void
}
