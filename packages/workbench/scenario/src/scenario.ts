// SPDX-License-Identifier: GPL-2.0-only
import type { KernelConfig } from '@pfo-workbench/kernel'

/** How firmware adds the facilities again after a migration: one ADD for the whole hierarchy, or one per node. */
export type ReaddBehaviour = 'hierarchy' | 'per-node'

/** RTAS statuses that a migration's next calls of a service return, one a call; 0 serves the call. */
export type FailingCalls = Readonly<
  Partial<
    Record<
      'ibm,suspend-me' | 'ibm,update-nodes' | 'ibm,update-properties' | 'ibm,configure-connector',
      readonly number[]
    >
  >
>

/** Firmware gives a property of a node a new value, and has the kernel ask for it. */
export interface PropertyUpdate {
  /** Path of the node in firmware's tree. */
  readonly node: string
  readonly property: string
  /** A text, sent with its terminator, or cells, sent big-endian. */
  readonly value: string | readonly number[]
  /** The kernel asks at the end of a migration that deletes nothing, or upon a PRRN event. */
  readonly by: 'migration' | 'prrn'
}

/**
 * Which allocation fails in the next step, once. On a kernel with `CONFIG_FAULT_INJECTION` this is `/proc/PID/fail-nth`, and
 * with a function the `require-start` and `require-end` of `/sys/kernel/debug/failslab`.
 */
export interface AllocationFailure {
  /** Which one, from 1, of those that are counted. */
  readonly allocation: number
  /** Only allocations below this function are counted; all of them if null. */
  readonly in: string | null
}

/** One thing that a person or firmware does to a machine. Exactly one of these per step. */
export type Step =
  /** Modules to load, in this order. */
  | { readonly load: readonly string[] }
  /** Modules to unload, in this order. */
  | { readonly unload: readonly string[] }
  /** Migrate the partition: suspend, resume on the target, follow firmware's changes. */
  | { readonly migrate: { readonly readd: ReaddBehaviour; readonly statuses?: FailingCalls } }
  /** Firmware changes a property. */
  | { readonly update: PropertyUpdate }
  /**
   * Paths, or phandles as numbers, that somebody in the kernel looks up and lets go again. No file of v4.18 does just that;
   * it stands for any driver that does.
   */
  | { readonly lookup: readonly (string | number)[] }
  /** Commands for `/proc/powerpc/ofdt`, one write each. */
  | { readonly ofdt: readonly string[] }
  /** Memory is short in the next step. */
  | { readonly fail: AllocationFailure }
  /** Files of `/sys` or `/proc` to read. */
  | { readonly read: readonly string[] }
  /** Write to a file in one piece. */
  | { readonly write: { readonly path: string; readonly data: string } }

/** What is played: a machine to boot and the steps done to it. Scenarios are data, for any engine. */
export interface Scenario {
  readonly id: string
  readonly title: string
  readonly machine: {
    /** Deviations from the configuration of the recorded kernel. */
    readonly config: Partial<KernelConfig>
    /** Absolute path of a .dtb file to boot from; null for the default partition. */
    readonly devicetree: string | null
  }
  readonly steps: readonly Step[]
}

/** A step in one line, as reports show it. */
export function describeStep(step: Step): string {
  if ('load' in step) return `load ${step.load.join(', ')}`
  if ('unload' in step) return `unload ${step.unload.join(', ')}`
  if ('migrate' in step) {
    const how = step.migrate.readd === 'hierarchy' ? 'one ADD for the hierarchy' : 'one ADD per node'
    const failing = Object.keys(step.migrate.statuses ?? {})
    return `migrate (${[how, ...failing.map((service) => `${service} fails`)].join('; ')})`
  }
  if ('update' in step) return `update ${step.update.node} ${step.update.property} (${step.update.by})`
  if ('lookup' in step) return `look up ${step.lookup.map(describeTarget).join(', ')}`
  if ('ofdt' in step)
    return `ofdt ${step.ofdt.map((command) => command.split(' ').slice(0, 2).join(' ')).join(', ')}`
  if ('fail' in step)
    return `next, fail allocation ${String(step.fail.allocation)}${step.fail.in === null ? '' : ` in ${step.fail.in}`}`
  if ('read' in step) return `read ${step.read.join(', ')}`
  return `write ${step.write.path}`
}

/** What a lookup step looks up: a path as it is, a phandle in hexadecimal. */
export function describeTarget(target: string | number): string {
  return typeof target === 'string' ? target : `0x${target.toString(16)}`
}
