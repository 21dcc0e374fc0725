// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain, RunRecord } from '@pfo-workbench/run'

/** One piece of proof: what happened, and the kernel functions that led there, innermost first. */
export interface Evidence {
  readonly text: string
  readonly chain: CallChain
  /** Position of the event in the run, if it is one event. */
  readonly seq?: number
}

/** Something wrong in a run. `oracle` and `subject` together are its key: the same in every run it arises in. */
export interface Finding {
  readonly oracle: string
  /** What it is about: a node (`/path[generation]`), a device, a line of the console. */
  readonly subject: string
  /** Number of the step in which it arose; 0 is the boot. */
  readonly step: number
  /** How often it happened, or how many there are. */
  readonly count: number
  /** One sentence. */
  readonly message: string
  /** What proves it, the most telling first. */
  readonly evidence: readonly Evidence[]
  /** Keys of findings that cannot show because of this one: a reference that was stolen is not leaked. */
  readonly masks?: readonly string[]
}

/** The key of a finding. */
export function findingKey({ oracle, subject }: Pick<Finding, 'oracle' | 'subject'>): string {
  return `${oracle} ${subject}`
}

/** A pure function from a run to what is wrong in it. */
export interface Oracle {
  readonly id: string
  /** What a finding means, in one line. */
  readonly title: string
  /** What is wrong in a run, without the name of the oracle. Pure. */
  readonly examine: (run: RunRecord) => Omit<Finding, 'oracle'>[]
}
