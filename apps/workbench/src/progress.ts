// SPDX-License-Identifier: GPL-2.0-only
import { clearLine, cursorTo } from 'node:readline'
import type { ProgressState } from '@pfo-workbench/compare'
import { printable } from '@pfo-workbench/report'

/** One live line on a terminal; nothing when the stream is no terminal. */
export class Progress {
  readonly #stream: NodeJS.WriteStream

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  show({ variant, doing, done, total }: ProgressState): void {
    if (!this.#stream.isTTY) return
    this.clear()
    const line = printable(`[${String(done)}/${String(total)}] ${variant}: ${doing}`)
    this.#stream.write(line.slice(0, this.#stream.columns - 1))
  }

  clear(): void {
    if (!this.#stream.isTTY) return
    clearLine(this.#stream, 0)
    cursorTo(this.#stream, 0)
  }
}
