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

/** `[#####...............] about 2 min left`: how far work is, and for how long it goes on at this speed. */
export function barText(done: number, total: number, elapsed: number): string {
  const share = total === 0 ? 0 : Math.min(1, done / total)
  const full = Math.floor(share * barColumns)
  const bar = `[${'#'.repeat(full)}${'.'.repeat(barColumns - full)}]`
  if (done === 0 || elapsed < shortest || share === 1) return bar
  const seconds = Math.ceil(((elapsed / share) * (1 - share)) / 1000)
  const left = seconds < 90 ? `${String(seconds)} s` : `${String(Math.ceil(seconds / 60))} min`
  return `${bar} about ${left} left`
}

/** A live line for each variant that is being worked on; nothing when the stream is no terminal. */
export class Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #update: ReturnType<typeof createLogUpdate> | null
  readonly #counted: Counted
  readonly #start = performance.now()
  /** What is being done to whom, the longest at work first. */
  readonly #working = new Map<string, string>()

  constructor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv, counted: Counted = 'runs') {
    this.#counted = counted
    this.#stream = stream
    this.#update = stream.isTTY && env['TERM'] !== 'dumb' ? createLogUpdate(stream) : null
  }

  show({ variant, doing, done, total }: ProgressState): void {
    if (this.#update === null) return
    if (doing === null) this.#working.delete(variant)
    else this.#working.set(variant, doing)
    const width = Math.max(20, this.#stream.columns - 1)
    const head =
      total === null
        ? `${String(done)} more, to see what patches in a stack do to each other`
        : `${String(done)} of ${String(total)} ${this.#counted} ${barText(done, total, performance.now() - this.#start)}`
    const lines = [...this.#working].map(([id, what]) => printable(`  ${id}: ${what}`))
    this.#update([head, ...lines].map((line) => line.slice(0, width)).join('\n'))
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
export interface Watch {
  readonly cache: CacheOptions | undefined
  readonly onProgress: (state: ProgressState) => void
}

/**
 * Does work that takes a while, with its progress on stderr as long as it lasts.
 *
 * @param cache - whether results are kept, and those that were are used
 */
export async function watched<T>(
  { cache, counted }: { readonly cache: boolean; readonly counted: Counted },
  work: (watch: Watch) => Promise<T>,
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
    })
  } finally {
    progress.clear()
  }
}
