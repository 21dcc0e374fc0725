// SPDX-License-Identifier: GPL-2.0-only
import { isAt, type WatchRequest, type WatchedFunction } from '@pfo-workbench/image'
import type { Machine, OpenWatches, WatchedArguments } from './machine.ts'

/**
 * Observes a function of the kernel whose calls matter for the run.
 *
 * @typeParam Note - data that `enter` passes to `leave`
 */
export interface Watch<Note = unknown> extends WatchRequest {
  /**
   * Called when the function is called. Values of an `indirect-call` are the pointer to the called function, followed
   * by its arguments.
   */
  readonly enter?: (machine: Machine, values: WatchedArguments) => Note
  /** Called when the function returns. Not called if the task ends inside. */
  readonly leave?: (machine: Machine, values: WatchedArguments, note: Note, result: bigint) => void
}

/** A call of a watched function that has not returned. */
interface Open {
  readonly index: number
  readonly values: WatchedArguments
  readonly note: unknown
}

/** Passes the calls at the code's watchpoints to the watches. */
export class Watches implements OpenWatches {
  readonly #points: readonly WatchedFunction[]
  readonly #watches: readonly (Watch | null)[]
  readonly #open: Open[] = []
  /** Watches of functions that this kernel does not have. */
  readonly unmatched: readonly string[]

  constructor(points: readonly WatchedFunction[], watches: readonly Watch[]) {
    this.#points = points
    this.#watches = points.map((point) => watches.find((watch) => isFor(watch, point)) ?? null)
    this.unmatched = watches
      .filter((watch) => !points.some((point) => isFor(watch, point)))
      .map(({ name }) => name)
  }

  /** Number of watched calls that have not returned. */
  get depth(): number {
    return this.#open.length
  }

  /** The arguments of the innermost active call of a watched function; null if there is none. */
  innermost(kind: Watch['kind'], name: string): WatchedArguments | null {
    const open = this.#open.findLast(({ index }) => {
      const point = this.#points[index]
      return point?.kind === kind && point.name === name
    })
    return open?.values ?? null
  }

  enter(machine: Machine, index: number, values: WatchedArguments): void {
    const note = machine.journal.silent ? null : this.#watches[index]?.enter?.(machine, values)
    this.#open.push({ index, values, note })
  }

  leave(machine: Machine, index: number, result: bigint): void {
    const open = this.#open.pop()
    if (open?.index !== index) throw new Error('a watched function returned that was not called')
    if (!machine.journal.silent) {
      this.#watches[index]?.leave?.(machine, open.values, open.note, BigInt.asUintN(64, result))
    }
  }

  /** Discards the calls of a task that ended. */
  unwind(depth: number): void {
    this.#open.length = depth
  }
}

function isFor(watch: Watch, point: WatchedFunction): boolean {
  return (
    watch.kind === point.kind &&
    watch.name === point.name &&
    (watch.file === undefined || isAt(point.file, watch.file))
  )
}

/** Converts a watch with its own type of note for use in a list of watches. */
export function watch<Note = undefined>(one: Watch<Note>): Watch {
  return one as Watch
}
