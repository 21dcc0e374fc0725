// SPDX-License-Identifier: GPL-2.0-only
import type { NotComparedId } from '../not-compared.ts'

/** The subject of a fact. */
export type FactKind =
  | 'outcome'
  | 'calls'
  | 'references'
  | 'lifecycle'
  | 'nodes'
  | 'phandle cache'
  | 'vio'
  | 'lookups'
  | 'device tree'
  | 'sysfs'
  | 'drivers'
  | 'misc'
  | 'console'
  | 'reports'

/** A fact that differs between recording and replay. */
export interface FactDifference {
  readonly kind: FactKind
  /** The step, and the fact's name within it. */
  readonly where: string
  /** In the recording; `-` if missing. */
  readonly recorded: string
  /** In the replay; `-` if missing. */
  readonly replayed: string
}

/**
 * Facts compared without their order, because a worker may run before, during or after the task that queued its work.
 */
export interface Unordered {
  readonly facts: number
  readonly steps: number
}

/** Counts facts and collects those that differ. */
export class Tally {
  #compared = 0
  readonly #differences: FactDifference[] = []
  readonly #skipped = new Map<NotComparedId, number>()
  #unordered = 0
  #unorderedSteps = 0

  /** Counts one fact, and keeps it if the sides differ. */
  fact(fact: FactDifference, agrees: boolean): void {
    this.#compared++
    if (!agrees) this.#differences.push(fact)
  }

  /** Counts facts of the recording that are not compared. */
  skip(id: NotComparedId, count: number): void {
    if (count > 0) this.#skipped.set(id, (this.#skipped.get(id) ?? 0) + count)
  }

  /** Counts one fact that was compared without its order. */
  withoutOrder(): void {
    this.#unordered++
  }

  /** Counts one step whose order of events is not significant. */
  stepWithoutOrder(): void {
    this.#unorderedSteps++
  }

  /** Number of facts compared without their order, and of their steps. */
  get unordered(): Unordered {
    return { facts: this.#unordered, steps: this.#unorderedSteps }
  }

  /** Number of compared facts. */
  get compared(): number {
    return this.#compared
  }

  get differences(): readonly FactDifference[] {
    return this.#differences
  }

  /** Number of facts not compared, by reason. */
  get skipped(): ReadonlyMap<NotComparedId, number> {
    return this.#skipped
  }
}
