// SPDX-License-Identifier: GPL-2.0-only
import type { NotComparedId } from '../not-compared.ts'
import { align } from './sequence.ts'

/** What a fact is about. */
export const FACT_KINDS = [
  'outcome',
  'calls',
  'references',
  'lifecycle',
  'nodes',
  'phandle cache',
  'vio',
  'lookups',
  'device tree',
  'sysfs',
  'drivers',
  'misc',
  'console',
  'reports',
] as const
export type FactKind = (typeof FACT_KINDS)[number]

/** A fact that recording and replay tell differently. */
export interface Difference {
  readonly kind: FactKind
  /** Which step, and what in it. */
  readonly where: string
  /** As the recording has it; `-` for nothing. */
  readonly recorded: string
  /** As the replay has it; `-` for nothing. */
  readonly replayed: string
}

/** Facts of one kind. */
export interface Count {
  readonly compared: number
  readonly agreed: number
}

/** How two items of a list are held against each other, and how they are written. */
export interface ItemComparison<A, B> {
  readonly agree: (recorded: A, replayed: B) => boolean
  readonly showRecorded: (recorded: A) => string
  readonly showReplayed: (replayed: B) => string
}

/** Counts facts, and keeps those that differ. */
export class Tally {
  readonly #compared = new Map<FactKind, number>()
  readonly #skipped = new Map<NotComparedId, number>()
  readonly differences: Difference[] = []

  /** One fact: both sides as text, and whether they agree. */
  fact(kind: FactKind, where: string, recorded: string, replayed: string, agrees: boolean): void {
    this.#compared.set(kind, (this.#compared.get(kind) ?? 0) + 1)
    if (!agrees) this.differences.push({ kind, where, recorded, replayed })
  }

  /** Says that something in the recording is not compared. */
  skip(id: NotComparedId, count = 1): void {
    if (count > 0) this.#skipped.set(id, (this.#skipped.get(id) ?? 0) + count)
  }

  /** Facts by kind. */
  get counts(): ReadonlyMap<FactKind, Count> {
    return new Map(
      [...this.#compared].map(([kind, compared]) => {
        const differing = this.differences.filter((difference) => difference.kind === kind).length
        return [kind, { compared, agreed: compared - differing }]
      }),
    )
  }

  /** How much of the recording was left out, by reason. */
  get skipped(): ReadonlyMap<NotComparedId, number> {
    return this.#skipped
  }
}

/**
 * What the order of a step's events says. `order`: all. `any-order`: nothing, nor do counters in between, as a worker ran
 * beside the task of the step. `race`: nothing, and how far the worker got differs from run to run, as an Oops killed the
 * task and left its locks held; then only what the task did is compared.
 */
export type Ordering = 'order' | 'any-order' | 'race'

/** The facts of one step, or of the boot. */
export class Section {
  readonly #tally: Tally
  readonly #where: string
  readonly ordering: Ordering
  /** Whether a worker ran in this step or before: what it frees may have been free earlier in the recording. */
  readonly workersRan: boolean

  constructor(tally: Tally, where: string, ordering: Ordering = 'order', workersRan = false) {
    this.#tally = tally
    this.#where = where
    this.ordering = ordering
    this.workersRan = workersRan
  }

  /**
   * One fact: both sides as text, and whether they agree (by default, whether the texts are equal).
   *
   * @param what - which fact of the step, if that is not clear from the texts
   */
  fact(
    kind: FactKind,
    what: string,
    recorded: string,
    replayed: string,
    agrees: boolean = recorded === replayed,
  ): void {
    this.#tally.fact(kind, what === '' ? this.#where : `${this.#where}, ${what}`, recorded, replayed, agrees)
  }

  /** Facts that stand in an order: each item is one, missing ones too. */
  sequence<A, B>(
    kind: FactKind,
    recorded: readonly A[],
    replayed: readonly B[],
    how: ItemComparison<A, B>,
  ): void {
    for (const pair of align(recorded, replayed, how.agree)) {
      const a = pair.recorded === undefined ? '-' : how.showRecorded(pair.recorded)
      const b = pair.replayed === undefined ? '-' : how.showReplayed(pair.replayed)
      this.fact(kind, '', a, b, pair.agrees)
    }
  }

  /** Facts that happened in the step. Where their order says nothing, each recorded one looks for a replayed one. */
  events<A, B>(
    kind: FactKind,
    recorded: readonly A[],
    replayed: readonly B[],
    how: ItemComparison<A, B>,
  ): void {
    if (this.ordering === 'order') {
      this.sequence(kind, recorded, replayed, how)
      return
    }
    const left = [...replayed]
    for (const a of recorded) {
      const index = left.findIndex((b) => how.agree(a, b))
      if (index >= 0) left.splice(index, 1)
      else if (this.ordering === 'race') {
        this.skip('worker-after-oops')
        continue
      }
      this.fact(kind, '', how.showRecorded(a), '-', index >= 0)
    }
    for (const b of left) this.fact(kind, '', '-', how.showReplayed(b), false)
  }

  /** Says that something in the recording is not compared. */
  skip(id: NotComparedId, count = 1): void {
    this.#tally.skip(id, count)
  }
}

/** Items that are written the same way on both sides. */
export function sameShow<T>(
  agree: (recorded: T, replayed: T) => boolean,
  show: (item: T) => string,
): ItemComparison<T, T> {
  return { agree, showRecorded: show, showReplayed: show }
}
