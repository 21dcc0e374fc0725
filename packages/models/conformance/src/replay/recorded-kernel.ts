// SPDX-License-Identifier: GPL-2.0-only
import type { KernelEvent } from '@pfo-workbench/kernel'

/** A node as whoever looks at the kernel's memory sees it: no reference and no lock is taken. */
export interface ObservedNode {
  /** Name of the object that lies there now. */
  readonly object: string
  readonly refcount: number
  readonly phandle: number
  readonly name: string | null
  readonly fullName: string | null
  /** Object name of what `parent` points to. */
  readonly parent: string | null
  readonly isDynamic: boolean
  readonly isDetached: boolean
  readonly inSysfs: boolean
  /** Name of its directory in sysfs as `%s` prints it, also out of freed memory. */
  readonly sysfsName: string | null
}

/** A pointer to a string: the string, null for NULL, or the word that the string's memory was given back. */
export type BorrowedText = string | null | { readonly freed: true }

/** A device of the VIO bus as whoever looks at the kernel's memory sees it. */
export interface ObservedDevice {
  readonly name: string | null
  readonly refcount: number
  /** Object name of what `dev.of_node` points to. */
  readonly node: string | null
  /** Whether that node is flagged `OF_DETACHED`; null without a node. */
  readonly isNodeDetached: boolean | null
  readonly vioName: BorrowedText
  readonly vioType: BorrowedText
  readonly driver: string | null
}

/** A `device_node` that was allocated, and what it was when it was asked for first. */
export interface NodeBirth extends Pick<ObservedNode, 'object' | 'fullName' | 'parent' | 'isDynamic'> {
  readonly step: number
  /** Functions that allocated it, innermost first. */
  readonly chain: readonly string[]
}

/** A finder of drivers/of, and what it is asked for. */
export type Finder =
  | { readonly how: 'of_find_node_by_phandle'; readonly handle: number }
  | {
      readonly how:
        'of_find_node_by_name' | 'of_find_node_by_path' | 'of_find_node_by_type' | 'of_find_compatible_node'
      readonly text: string
    }

/** What a finder returned, with the reference that it took. */
export interface FoundNode {
  readonly object: string
  /** Drops the reference. */
  put(): void
}

/**
 * A kernel just booted, on which a recording is replayed, as its recorder saw the recorded one. Who runs kernels implements it.
 *
 * Calls that run kernel code return 0 or a positive number for success, a negative errno for failure, and null if the task did
 * not come back.
 */
export interface RecordedKernel {
  /** Number of the step that runs, which events carry. */
  step: number
  /** What happened until now, allocations included. */
  readonly events: readonly KernelEvent[]
  /** Number of the first event that the recorder could see: it was set up just before `of_core_init`. */
  readonly observedFrom: number
  /** Whether freed memory is overwritten. */
  readonly slubPoison: boolean
  /** Whether the task that ended last, and did not come back, waits for ever; else an Oops killed it. */
  readonly lastTaskHangs: boolean

  insmod(name: string): number | null
  rmmod(name: string): number | null
  read(path: string): string | number | null
  write(path: string, text: string): number | null
  /** Names in a directory, sorted. */
  readdir(path: string): readonly string[] | number | null
  /** The text of a symbolic link. */
  readlink(path: string): string | number | null
  /** Calls `pseries_devicetree_update(scope)` in a task. */
  updateTree(scope: number): number | null
  /** Lets deferred work run until the machine is at rest. */
  settle(): void

  /** Runs something as one process that calls finders. @returns null if it did not come back */
  lookUp<T>(body: (find: (finder: Finder) => FoundNode | null) => T): T | null

  /** Every `device_node` that was ever allocated, in order. */
  births(): readonly NodeBirth[]
  /** The node that lies where the object of that name was allocated; null if there is no such object. */
  node(object: string): ObservedNode | null
  /** Object names of the nodes that the live tree leads to, the root first. */
  liveNodes(): readonly string[]
  /** The phandle cache: the slot that a handle falls into, and the object that lies there. */
  cacheSlot(handle: number): { readonly slot: number; readonly object: string | null }
  /** Devices of the bus, without the bus's own. */
  vioDevices(): readonly ObservedDevice[]
  /** Name of the random number generator in use; null if there is none. */
  hwrng(): string | null
  /** Driver names of registered algorithms. */
  algorithms(): readonly string[]

  /**
   * Sets who decides where new nodes lie.
   *
   * @param choose - asked at each allocation of a node: the object whose freed memory it gets; null for fresh memory
   */
  reuseMemory(choose: () => string | null): void
}
