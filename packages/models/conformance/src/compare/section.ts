// SPDX-License-Identifier: GPL-2.0-only
import type { NotComparedId } from '../not-compared.ts'
import { align } from './sequence.ts'
import type { FactKind, Tally } from './tally.ts'

/** How two items of a list are held against each other, and how they are written. */
export interface ItemComparison<A, B> {
  readonly agree: (recorded: A, replayed: B) => boolean
  /** Whether they are one and the same event, told at another moment of a step whose order says nothing. */
  readonly agreeAtAnotherMoment?: (recorded: A, replayed: B) => boolean
  readonly showRecorded: (recorded: A) => string
  readonly showReplayed: (replayed: B) => string
}

/** Items that are written the same way on both sides, and agree if they look alike unless something else is said. */
export function shownBy<T>(
  show: (item: T) => string,
  agree: (recorded: T, replayed: T) => boolean = (a, b) => show(a) === show(b),
): ItemComparison<T, T> {
  return { agree, showRecorded: show, showReplayed: show }
}

/** Items that are text. */
export const asText: ItemComparison<string, string> = shownBy((text) => text)

/**
 * What the order of a step's events says. `order`: all. `any-order`: nothing, as a worker ran beside the task of the step.
 * `race`: nothing, and how far the worker got differs from run to run, as an Oops killed the task and left its locks held;
 * then only what the task did is compared.
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
    if (ordering !== 'order') tally.stepWithoutOrder()
    this.ordering = ordering
    this.workersRan = workersRan
  }

  /**
   * One fact, which both sides agree on if their texts are equal.
   *
   * @param what - which fact of the step, if that is not clear from the texts
   */
  fact(kind: FactKind, what: string, recorded: string, replayed: string): void {
    const where = what === '' ? this.#where : `${this.#where}, ${what}`
    this.#tally.fact({ kind, where, recorded, replayed }, recorded === replayed)
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
      this.#item(kind, a, b, pair.agrees)
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
    const take = (a: A, agree: ((a: A, b: B) => boolean) | undefined): boolean => {
      const index = agree === undefined ? -1 : left.findIndex((b) => agree(a, b))
      if (index >= 0) left.splice(index, 1)
      return index >= 0
    }
    // What agrees in every respect goes first, so that it is not taken for something else.
    const open = recorded.filter((a) => {
      const agrees = take(a, how.agree)
      if (agrees) this.#unordered(kind, how.showRecorded(a), '-', true)
      return !agrees
    })
    for (const a of open) {
      const agrees = take(a, how.agreeAtAnotherMoment)
      if (agrees) this.skip('other-moment')
      if (agrees || this.ordering !== 'race') this.#unordered(kind, how.showRecorded(a), '-', agrees)
      else this.skip('worker-after-oops')
    }
    for (const b of left) this.#unordered(kind, '-', how.showReplayed(b), false)
  }

  #unordered(kind: FactKind, recorded: string, replayed: string, agrees: boolean): void {
    this.#tally.withoutOrder()
    this.#item(kind, recorded, replayed, agrees)
  }

  #item(kind: FactKind, recorded: string, replayed: string, agrees: boolean): void {
    this.#tally.fact({ kind, where: this.#where, recorded, replayed }, agrees)
  }

  /** Says that something in the recording is not compared. */
  skip(id: NotComparedId, count = 1): void {
    this.#tally.skip(id, count)
  }
}
