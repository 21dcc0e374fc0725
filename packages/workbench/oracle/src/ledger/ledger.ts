// SPDX-License-Identifier: GPL-2.0-only
import type { CountEvent } from '../initial-reference.ts'

/** A reference dropped by a function that did not own it. */
export interface Theft {
  readonly put: CountEvent
  /** The reference that was lost; null if none was left. */
  readonly taken: CountEvent | null
}

/** A reference that one function took and another one dropped, although no convention of the engine names the two. */
export interface HandOver {
  readonly put: CountEvent
  readonly get: CountEvent
  readonly dropper: string
  readonly taker: string
  /** The functions that may have taken the dropped reference, whatever is assumed about earlier puts. */
  readonly possible: ReadonlySet<string>
  /** True if the reference can only be that of this taker. */
  readonly certain: boolean
}

/** The references on one object: outstanding, dropped, stolen and handed over. */
export interface Ledger {
  readonly outstanding: readonly CountEvent[]
  /** The put that dropped each reference, by the get of the reference. Stolen references are left out. */
  readonly droppedBy: ReadonlyMap<CountEvent, CountEvent>
  readonly thefts: readonly Theft[]
  readonly handOvers: readonly HandOver[]
}
