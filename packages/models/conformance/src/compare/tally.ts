// SPDX-License-Identifier: GPL-2.0-only
import type { NotComparedId } from '../not-compared.ts'

/** What a fact is about. */
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

/** Facts that were compared without their order, because a worker may run before, beside or after the task that queued its work. */
export interface Unordered {
  readonly facts: number
  readonly steps: number
}

/** Counts facts, and keeps those that differ. */
export class Tally {
  #compared = 0
  readonly #differences: Difference[] = []
  readonly #skipped = new Map<NotComparedId, number>()
  #unordered = 0
  #unorderedSteps = 0

  /** One fact, and whether both sides agree on it. */
  fact(fact: Difference, agrees: boolean): void {
    this.#compared++
    if (!agrees) this.#differences.push(fact)
  }

  /** Says that something in the recording is not compared. */
  skip(id: NotComparedId, count: number): void {
    if (count > 0) this.#skipped.set(id, (this.#skipped.get(id) ?? 0) + count)
  }

  /** One of the facts was held against all of its step, wherever it stands among them. */
  withoutOrder(): void {
    this.#unordered++
  }

  /** In one more step the order of events says nothing. */
  stepWithoutOrder(): void {
    this.#unorderedSteps++
  }

  /** How many facts were compared without their order, and in how many steps. */
  get unordered(): Unordered {
    return { facts: this.#unordered, steps: this.#unorderedSteps }
  }

  /** How many facts there were. */
  get compared(): number {
    return this.#compared
  }

  get differences(): readonly Difference[] {
    return this.#differences
  }

  /** How much of the recording was left out, by reason. */
  get skipped(): ReadonlyMap<NotComparedId, number> {
    return this.#skipped
  }
}
