// SPDX-License-Identifier: GPL-2.0-only
import type { WatchRequest, Watchpoint } from '@pfo-workbench/image'
import type { Machine, OpenWatches, WatchedArguments } from './machine.ts'

/**
 * What happens at a function of the kernel that says something about the run.
 *
 * @typeParam Note - what `enter` keeps for `leave`
 */
export interface Watch<Note = unknown> extends WatchRequest {
  /** The function is called. Values of an `indirect-call` are the pointer to the function that is called, then its arguments. */
  readonly enter?: (machine: Machine, values: WatchedArguments) => Note
  /** It returns. Not told where the task ends inside. */
  readonly leave?: (machine: Machine, values: WatchedArguments, note: Note, result: bigint) => void
}

/** A call of a watched function that has not returned. */
interface Open {
  readonly index: number
  readonly values: WatchedArguments
  readonly note: unknown
}

/** Tells watches what the code tells of its watchpoints. */
export class Watches implements OpenWatches {
  readonly #points: readonly Watchpoint[]
  readonly #watches: readonly (Watch | null)[]
  readonly #open: Open[] = []
  /** Those that this kernel has no function for. */
  readonly unmatched: readonly string[]

  constructor(points: readonly Watchpoint[], watches: readonly Watch[]) {
    this.#points = points
    this.#watches = points.map((point) => watches.find((watch) => isFor(watch, point)) ?? null)
    this.unmatched = watches
      .filter((watch) => !points.some((point) => isFor(watch, point)))
      .map(({ name }) => name)
  }

  /** How many watched calls have not returned. */
  get depth(): number {
    return this.#open.length
  }

  /** The arguments of the innermost call of a watched function that has not returned; null if there is none. */
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

  /** Forgets the calls that a task which ended was in. */
  unwind(depth: number): void {
    this.#open.length = depth
  }
}

function isFor(watch: Watch, point: Watchpoint): boolean {
  return (
    watch.kind === point.kind &&
    watch.name === point.name &&
    (watch.file === undefined || point.file.endsWith(watch.file))
  )
}

/** A watch with its own type of note, as one of a list of watches of any. */
export function watch<Note = undefined>(one: Watch<Note>): Watch {
  return one as Watch
}
