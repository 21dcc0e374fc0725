// SPDX-License-Identifier: GPL-2.0-only
import { createLogUpdate } from 'log-update'
import { cacheFolder, type CacheOptions, type ProgressState } from '@pfo-workbench/compare'
import { printable } from '@pfo-workbench/wording'
import { formatStderrLine } from './stderr-line.ts'

/** Unit that the progress display counts. */
type Counted = 'runs' | 'stacks' | 'files' | 'patches'

/** Width of the bar in characters. */
const barColumns = 20

/** Minimum time in ms before the remaining time is estimated. */
const shortest = 3_000

/** A duration, rounded up: `40 s`, `2 min`. */
function durationText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  return seconds < 90 ? `${String(seconds)} s` : `${String(Math.ceil(seconds / 60))} min`
}

/**
 * A progress bar with the estimated remaining time: `[#####...............] about 2 min left`.
 *
 * @param known - number of results that came from the cache and took no time
 */
export function barText(done: number, total: number, elapsed: number, known = 0): string {
  const share = total === 0 ? 0 : Math.min(1, done / total)
  const full = Math.floor(share * barColumns)
  const bar = `[${'#'.repeat(full)}${'.'.repeat(barColumns - full)}]`
  const [own, all] = [done - known, total - known]
  if (own <= 0 || elapsed < shortest || share === 1) return bar
  return `${bar} about ${durationText((elapsed / own) * (all - own))} left`
}

/** Number of rows if the terminal does not report it. */
const usualRows = 24

/**
 * A progress display that is redrawn while work goes on. Finished work is listed above the bar, limited to the last
 * lines that fit; current work is listed below. If the stream is not a terminal, nothing is shown.
 */
export class Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #update: ReturnType<typeof createLogUpdate> | null
  readonly #counted: Counted
  readonly #start = performance.now()
  /** Current activity by variant, the oldest first. */
  readonly #working = new Map<string, string>()
  /** Lines about variants and stacks that were played. */
  readonly #played: string[] = []
  #bar = ''
  #done = 0
  /** Number of results that came from the cache and took no time. */
  #known = 0

  constructor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv, counted: Counted = 'runs') {
    this.#counted = counted
    this.#stream = stream
    this.#update = stream.isTTY && env['TERM'] !== 'dumb' ? createLogUpdate(stream) : null
  }

  /** True if the display is visible. */
  get isSeen(): boolean {
    return this.#update !== null
  }

  /** Maximum width of a line. */
  get columns(): number {
    return Math.max(20, this.#stream.columns - 1)
  }

  show({ variant, doing, done, total }: ProgressState): void {
    if (doing === null) this.#working.delete(variant)
    else this.#working.set(variant, doing)
    // A run that was played increases `done` by 1. A larger step means that cached results were counted all at once.
    this.#known += Math.max(0, done - this.#done - 1)
    this.#done = done
    this.#bar =
      total === null
        ? `${String(done)} extra runs to find interactions`
        : `${String(done)} of ${String(total)} ${this.#counted} ${this.#barText(done, total)}`
    this.#draw()
  }

  #barText(done: number, total: number): string {
    const elapsed = performance.now() - this.#start
    // The number of stacks is not known in advance, so there is no estimate.
    return this.#counted === 'stacks'
      ? `so far, ${durationText(elapsed)}`
      : barText(done, total, elapsed, this.#known)
  }

  /** Adds a line about finished work. */
  add(line: string): void {
    this.#played.push(line)
    this.#draw()
  }

  #draw(): void {
    if (this.#update === null) return
    const working = [...this.#working].map(([id, what]) => printable(`  ${id}: ${what}`))
    const room = Math.max(0, (this.#stream.rows || usualRows) - working.length - 2)
    const played = room === 0 ? [] : this.#played.slice(-room)
    this.#update([...played, this.#bar, ...working].map((line) => line.slice(0, this.columns)).join('\n'))
  }

  /** Prints a message that stays on the screen. */
  say(message: string): void {
    this.clear()
    this.#stream.write(formatStderrLine(message))
  }

  clear(): void {
    this.#update?.clear()
    this.#update?.done()
  }
}

/** Passed to long-running work: the cache, and functions that report progress. */
export interface WorkContext<Played> {
  readonly cache: CacheOptions | undefined
  readonly onProgress: (state: ProgressState) => void
  /** Present only if the display is visible. */
  readonly onPlayed?: (played: Played) => void
}

/** Options of `withProgress`. */
export interface ProgressOptions<Played> {
  /** True if results are read from the cache and stored there. */
  readonly cache: boolean
  readonly counted: Counted
  /** Returns null for a result that is not worth a line. */
  readonly playedText?: PlayedText<Played>
}

/** Describes a result in a line of at most `columns` characters. */
export type PlayedText<T> = (played: T, columns: number) => string | null

/** Does long-running work with a progress display on stderr. */
export async function withProgress<T, Played = unknown>(
  { cache, counted, playedText }: ProgressOptions<Played>,
  work: (watch: WorkContext<Played>) => Promise<T>,
): Promise<T> {
  const progress = new Progress(process.stderr, process.env, counted)
  const warn = (message: string): void => {
    progress.say(message)
  }
  try {
    return await work({
      cache: cache ? { folder: cacheFolder(process.env), warn } : undefined,
      onProgress: (state) => {
        progress.show(state)
      },
      ...(playedText === undefined || !progress.isSeen
        ? {}
        : {
            onPlayed: (played: Played) => {
              const line = playedText(played, progress.columns)
              if (line !== null) progress.add(line)
            },
          }),
    })
  } finally {
    progress.clear()
  }
}
