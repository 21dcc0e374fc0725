// SPDX-License-Identifier: GPL-2.0-only
import { createLogUpdate } from 'log-update'
import type { ProgressState } from '@pfo-workbench/compare'
import { printable, printableLines } from '@pfo-workbench/report'

/** A live line for each variant that is being worked on; nothing when the stream is no terminal. */
export class Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #update: ReturnType<typeof createLogUpdate> | null
  /** What is being done to whom, the longest at work first. */
  readonly #working = new Map<string, string>()

  readonly #counted: string

  /** @param counted - what it is that is done one after the other */
  constructor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv, counted = 'runs') {
    this.#counted = counted
    this.#stream = stream
    this.#update = stream.isTTY && env['TERM'] !== 'dumb' ? createLogUpdate(stream) : null
  }

  show({ variant, doing, done, total }: ProgressState): void {
    if (this.#update === null) return
    if (doing === null) this.#working.delete(variant)
    else this.#working.set(variant, doing)
    const width = Math.max(20, this.#stream.columns - 1)
    const lines = [...this.#working].map(([id, what]) => printable(`  ${id}: ${what}`).slice(0, width))
    this.#update([`${String(done)} of ${String(total)} ${this.#counted}`, ...lines].join('\n'))
  }

  /** Says something that stays. */
  say(message: string): void {
    this.clear()
    this.#stream.write(`pfo: ${printableLines(message)}\n`)
  }

  clear(): void {
    this.#update?.clear()
    this.#update?.done()
  }
}
