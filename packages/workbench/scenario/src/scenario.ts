// SPDX-License-Identifier: GPL-2.0-only
import type { KernelConfig } from '@pfo-workbench/kernel'

/** How firmware adds the facilities again after a migration: one ADD for the whole hierarchy, or one per node. */
export type ReaddBehaviour = 'hierarchy' | 'per-node'

/** One thing that a person or firmware does to a machine. Exactly one of these per step. */
export type Step =
  /** Modules to load, in this order. */
  | { readonly load: readonly string[] }
  /** Modules to unload, in this order. */
  | { readonly unload: readonly string[] }
  /** Migrate the partition: suspend, resume on the target, follow firmware's changes. */
  | { readonly migrate: { readonly readd: ReaddBehaviour } }
  /** Commands for `/proc/powerpc/ofdt`, one write each. */
  | { readonly ofdt: readonly string[] }
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
    return `migrate (${how})`
  }
  if ('ofdt' in step)
    return `ofdt ${step.ofdt.map((command) => command.split(' ').slice(0, 2).join(' ')).join(', ')}`
  if ('read' in step) return `read ${step.read.join(', ')}`
  return `write ${step.write.path}`
}
