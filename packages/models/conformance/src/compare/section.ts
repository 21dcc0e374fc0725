// SPDX-License-Identifier: GPL-2.0-only
import type { NotComparedId } from '../not-compared.ts'
import { align } from './sequence.ts'
import type { FactKind, Tally } from './tally.ts'

/** Functions that compare and print two items of a list. */
export interface ItemComparison<A, B> {
  readonly agree: (recorded: A, replayed: B) => boolean
  /** True if both items are the same event, at a different time in a step whose order is not significant. */
  readonly agreeAtAnotherMoment?: (recorded: A, replayed: B) => boolean
  readonly showRecorded: (recorded: A) => string
  readonly showReplayed: (replayed: B) => string
}

/** Items printed the same way on both sides. By default they agree if the printed texts are equal. */
export function shownBy<T>(
  show: (item: T) => string,
  agree: (recorded: T, replayed: T) => boolean = (a, b) => show(a) === show(b),
): ItemComparison<T, T> {
  return { agree, showRecorded: show, showReplayed: show }
}

/** Items that are text. */
export const asText: ItemComparison<string, string> = shownBy((text) => text)

/**
 * Significance of the order of a step's events. `order`: significant. `any-order`: not significant, because a worker
 * ran concurrently with the step's task. `race`: not significant, and the worker's progress differs from run to run,
 * because an Oops killed the task and left its locks held. In a race only the task's events are compared.
 */
export type Ordering = 'order' | 'any-order' | 'race'

/** The facts of one step, or of the boot. */
export class Section {
  readonly #tally: Tally
  readonly #where: string
  readonly ordering: Ordering
  /**
   * True if a worker ran in this step or earlier. Memory that it frees may have been freed earlier in the recording.
   */
  readonly workersRan: boolean

  constructor(tally: Tally, where: string, ordering: Ordering = 'order', workersRan = false) {
    this.#tally = tally
    this.#where = where
    if (ordering !== 'order') tally.stepWithoutOrder()
    this.ordering = ordering
    this.workersRan = workersRan
  }

  /**
   * Compares one fact: both sides agree if their texts are equal.
   *
   * @param what - names the fact within the step, if the texts do not
   */
  fact(kind: FactKind, what: string, recorded: string, replayed: string): void {
    const where = what === '' ? this.#where : `${this.#where}, ${what}`
    this.#tally.fact({ kind, where, recorded, replayed }, recorded === replayed)
  }

  /** Compares ordered facts. Each item is a fact, including a missing one. */
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

  /**
   * Compares the events of the step. If their order is not significant, each recorded event is matched with any
   * replayed one.
   */
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
    // Match full agreements first, so that a weaker match cannot use them up.
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

  /** Counts facts of the recording that are not compared. */
  skip(id: NotComparedId, count = 1): void {
    this.#tally.skip(id, count)
  }
}
