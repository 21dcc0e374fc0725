// SPDX-License-Identifier: GPL-2.0-only
import { createLogUpdate } from 'log-update'
import { cacheFolder, type CacheOptions, type ProgressState } from '@pfo-workbench/compare'
import { printable } from '@pfo-workbench/report'
import { saidByPfo } from './text.ts'

/** What is done one after the other, and counted. */
type Counted = 'runs' | 'stacks' | 'files' | 'patches'

/** How wide the bar is, in characters. */
const barColumns = 20

/** Less than this is no ground for a forecast, in ms. */
const shortest = 3_000

/** `40 s`, `2 min`. */
function durationText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  return seconds < 90 ? `${String(seconds)} s` : `${String(Math.ceil(seconds / 60))} min`
}

/**
 * `[#####...............] about 2 min left`: how far work is, and for how long it goes on at this speed.
 *
 * @param known - how much of what is done took no time
 */
export function barText(done: number, total: number, elapsed: number, known = 0): string {
  const share = total === 0 ? 0 : Math.min(1, done / total)
  const full = Math.floor(share * barColumns)
  const bar = `[${'#'.repeat(full)}${'.'.repeat(barColumns - full)}]`
  const [own, all] = [done - known, total - known]
  if (own <= 0 || elapsed < shortest || share === 1) return bar
  return `${bar} about ${durationText((elapsed / own) * (all - own))} left`
}

/** Lines of a terminal that does not say how many it has. */
const usualRows = 24

/**
 * What is done, and how far it is: lines that are renewed as long as work goes on. Nothing when the stream is no terminal. The lines of
 * what is done stand above the bar, the last ones if there are many; below it stands what is being worked on.
 */
export class Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #update: ReturnType<typeof createLogUpdate> | null
  readonly #counted: Counted
  readonly #start = performance.now()
  /** What is being done to whom, the longest at work first. */
  readonly #working = new Map<string, string>()
  /** What stays: lines of variants and stacks that were played. */
  readonly #played: string[] = []
  #bar = ''
  #done = 0
  /** How much was known before, and took no time. */
  #known = 0

  constructor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv, counted: Counted = 'runs') {
    this.#counted = counted
    this.#stream = stream
    this.#update = stream.isTTY && env['TERM'] !== 'dumb' ? createLogUpdate(stream) : null
  }

  /** Whether anybody sees it. */
  get isSeen(): boolean {
    return this.#update !== null
  }

  /** How long lines may be. */
  get columns(): number {
    return Math.max(20, this.#stream.columns - 1)
  }

  show({ variant, doing, done, total }: ProgressState): void {
    if (doing === null) this.#working.delete(variant)
    else this.#working.set(variant, doing)
    // Runs come one by one, results that were kept all at once.
    this.#known += Math.max(0, done - this.#done - 1)
    this.#done = done
    this.#bar =
      total === null
        ? `${String(done)} more, to see what patches in a stack do to each other`
        : `${String(done)} of ${String(total)} ${this.#counted} ${this.#barText(done, total)}`
    this.#draw()
  }

  #barText(done: number, total: number): string {
    const elapsed = performance.now() - this.#start
    // How many stacks a search takes shows on the way: that is no ground for a forecast.
    return this.#counted === 'stacks'
      ? `so far, ${durationText(elapsed)}`
      : barText(done, total, elapsed, this.#known)
  }

  /** Adds a line on something that is done. */
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

  /** Says something that stays. */
  say(message: string): void {
    this.clear()
    this.#stream.write(saidByPfo(message))
  }

  clear(): void {
    this.#update?.clear()
    this.#update?.done()
  }
}

/** What work that takes a while is given: where results are kept, and whom to tell how far it is. */
export interface Watch<Played> {
  readonly cache: CacheOptions | undefined
  readonly onProgress: (state: ProgressState) => void
  /** Only where somebody sees what it says. */
  readonly onPlayed?: (played: Played) => void
}

/** How work is watched. */
export interface WatchOptions<Played> {
  /** Whether results are kept, and those that were are used. */
  readonly cache: boolean
  readonly counted: Counted
  /** Null for what need not be said. */
  readonly playedText?: PlayedText<Played>
}

/** Says something of a thing that is done, in a line of so many columns. */
export type PlayedText<T> = (played: T, columns: number) => string | null

/**
 * Does work that takes a while, with its progress on stderr as long as it lasts.
 *
 */
export async function watched<T, Played = unknown>(
  { cache, counted, playedText }: WatchOptions<Played>,
  work: (watch: Watch<Played>) => Promise<T>,
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
