// SPDX-License-Identifier: GPL-2.0-only
import type { RunEvent } from './event.ts'
import type { CallChain, Frame } from './frame.ts'
import type { KernelFacts } from './kernel-facts.ts'
import type { Outcome } from './result.ts'
import type { MemoryState } from './record.ts'
import type { AllocationFailure } from './scenario.ts'
import type { KernelFile, NodeState, Snapshot, VioDeviceState } from './snapshot.ts'

/** A node of the kernel with the properties that it has. */
export interface KernelNode extends Omit<NodeState, 'outdated'> {
  /** Values by name. */
  readonly properties: Readonly<Record<string, Uint8Array>>
}

/** A vio device as the kernel alone knows it. What firmware has beside it is added when the steps are played. */
export type KernelDevice = Omit<VioDeviceState, 'enabled' | 'complete' | 'outdated'>

/** The state of a kernel at rest. */
export interface KernelState extends Pick<Snapshot, 'phandleCache'> {
  /** All nodes that there ever were. */
  readonly nodes: readonly KernelNode[]
  readonly vio: readonly KernelDevice[]
  /** The files and links of sysfs and procfs, if they can be read without a trace. */
  readonly files?: readonly KernelFile[]
}

/**
 * One booted machine as the steps of a scenario use it. Engines implement it; `play` plays on it.
 *
 * The calls return 0 or a positive number for success, a negative errno for failure, and null if the task did not come back: an
 * Oops killed it, or it waits for ever.
 */
export interface Subject {
  readonly facts: KernelFacts
  readonly outcome: Outcome
  /** Of the outcome `unmodelled`: the function that the engine does not have, and who called it. */
  readonly unmodelled: { readonly function: string; readonly chain: readonly Frame[] } | null
  /** Functions that the engine only pretends to have, and that were called. */
  readonly assumed: readonly string[]
  /**
   * What happened until now. The call chain of an event may be a getter that resolves it when it is read: most never are, and
   * resolving all of them takes most of the time of a run.
   */
  readonly events: readonly RunEvent[]
  /** The lines of the console. */
  readonly console: readonly string[]
  /** Whether a task waits for ever: then no further step can be played. */
  readonly waits: boolean
  /** Number of the step that runs, which events carry. Set by who plays the steps. */
  step: number

  /** Loads a module. */
  insmod(name: string): number | null
  /** Unloads a module. */
  rmmod(name: string): number | null
  /** Reads a file of `/sys` or `/proc`. @returns its content, or as the other calls if it could not be read */
  read(path: string): string | number | null
  /** Writes to a file in one piece; the characters of `data` are bytes. */
  write(path: string, data: string): number | null
  /** Migrates the partition, as firmware was prepared to. */
  migrate(): number | null
  /** Has the kernel ask firmware for changes, as the work of a PRRN event does. */
  updateTree(): number | null
  /**
   * Looks a node up by path or phandle, and drops the reference.
   *
   * @returns whether it was found; null if the lookup did not return
   */
  lookup(target: string | number): boolean | null
  /**
   * Lets one allocation fail from now on.
   *
   * @returns ends that, and returns the call chain of the allocation that failed; null if none did
   */
  failAllocation(wanted: AllocationFailure): () => CallChain | null
  /** Lets deferred work and RCU callbacks run until the machine is at rest. */
  settle(): void
  /** The state of the kernel. Leaves no trace on the machine. */
  state(): KernelState
  /**
   * What memory in use points to. Leaves no trace on the machine. An engine that cannot say does not have it; null when it cannot be
   * said now, as while a task waits.
   */
  memory?(): MemoryState | null
}
