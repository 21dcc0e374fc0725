// SPDX-License-Identifier: GPL-2.0-only
import type { RunEvent } from './event.ts'
import type { CallChain, Frame } from './frame.ts'
import type { KernelFacts } from './kernel-facts.ts'
import type { Outcome } from './result.ts'
import type { MemoryState } from './record.ts'
import type { AllocationFailure } from './scenario.ts'
import type { PseudoFile, NodeState, Snapshot, VioDeviceState } from './snapshot.ts'

/** A device tree node of the kernel, with its properties. */
export interface KernelNode extends Omit<NodeState, 'outdated'> {
  /** Property values by name. */
  readonly properties: Readonly<Record<string, Uint8Array>>
}

/** A VIO device as the kernel sees it. `play` adds the fields that depend on firmware. */
export type KernelDevice = Omit<VioDeviceState, 'enabled' | 'complete' | 'outdated'>

/** State of a kernel at rest. */
export interface KernelState extends Pick<Snapshot, 'phandleCache'> {
  /** All nodes that have existed since boot, including freed ones. */
  readonly nodes: readonly KernelNode[]
  readonly vio: readonly KernelDevice[]
  /** Files and links of sysfs and procfs. Absent if they cannot be read without side effects. */
  readonly files?: readonly PseudoFile[]
}

/**
 * A booted machine that scenarios run on. Engines implement this interface; `play` uses it.
 *
 * Calls return 0 or a positive number on success, and a negative errno on failure. They return null if the task did not
 * return, because an Oops killed it, because it waits forever, or because it reached a function that the engine does
 * not have.
 */
export interface BootedKernel {
  readonly facts: KernelFacts
  readonly outcome: Outcome
  /**
   * For the outcome `unmodelled`: the function that the engine does not have, and its callers. Null if the machine ran
   * out of memory.
   */
  readonly unmodelled: { readonly function: string; readonly chain: readonly Frame[] } | null
  /** Assumed functions that were called: the engine returns a fixed value for each. */
  readonly assumed: readonly string[]
  /**
   * Events so far. The call chain of an event may be a getter that resolves the chain on access, for engines in which
   * resolving all chains would take most of the time of a run.
   */
  readonly events: readonly RunEvent[]
  /** Lines of the console. */
  readonly console: readonly string[]
  /** True if a task waits forever. No further step can be played then. */
  readonly waits: boolean
  /** Number of the current step, recorded in events. `play` sets it. */
  step: number

  /** Loads a module. */
  insmod(name: string): number | null
  /** Unloads a module. */
  rmmod(name: string): number | null
  /** Reads a file of `/sys` or `/proc`. @returns the content, or the error as the other calls return it */
  read(path: string): string | number | null
  /** Writes to a file with one write call. Each character of `data` is a byte. */
  write(path: string, data: string): number | null
  /** Migrates the partition as firmware was prepared to. */
  migrate(): number | null
  /** Makes the kernel ask firmware for changes, as the work item of a PRRN event does. */
  updateTree(): number | null
  /**
   * Looks up a node by path or phandle, and drops the reference.
   *
   * @returns true if the node was found; null if the lookup did not return
   */
  lookup(target: string | number): boolean | null
  /**
   * Makes one later allocation fail.
   *
   * @returns a function that ends the injection and returns the call chain of the failed allocation, or null if none
   *   failed
   */
  failAllocation(wanted: AllocationFailure): () => CallChain | null
  /** Runs deferred work and RCU callbacks until none are pending. */
  settle(): void
  /** State of the kernel. Reading it has no side effects. */
  state(): KernelState
  /**
   * Pointers in allocated memory. Reading them has no side effects. Engines without support omit this method. Returns
   * null if the pointers are unknown at this time, for example while a task waits.
   */
  memory?(): MemoryState | null
}
