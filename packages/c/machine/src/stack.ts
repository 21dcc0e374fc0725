// SPDX-License-Identifier: GPL-2.0-only
import { callChain, type Image } from '@pfo-workbench/image'

/** A function of C on the way to some place, with the place of the call. */
export interface ChainFrame {
  readonly function: string
  readonly file: string
  readonly line: number
}

/** Where something happened: the calls that led there. Most are never looked at: a track is numbers, and names come later. */
export interface Track {
  /** Sites of the image, innermost first. */
  readonly sites: readonly number[]
}

/** Deep enough for every chain of a kernel; of a recursion without end the innermost part is kept. */
const deepest = 200

/** The stack of sites that the code of an image writes while it runs. */
export class SiteStack {
  readonly #numbers: Int32Array
  readonly #first: number
  readonly #top: { value: number | bigint }

  /** @param top - the image's global `siteTop` */
  constructor(buffer: ArrayBuffer, { memory }: Image, top: { value: number | bigint }) {
    this.#numbers = new Int32Array(buffer)
    this.#first = memory.sites.start >> 2
    this.#top = top
  }

  /** Where the innermost function's site ends. Who unwinds functions sets it back. */
  get top(): number {
    return Number(this.#top.value)
  }

  set top(address: number) {
    this.#top.value = address
  }

  /**
   * Where the code is now.
   *
   * @param depth - most calls to keep, innermost first
   */
  track(depth: number = deepest): Track {
    const end = this.top >> 2
    const sites: number[] = []
    for (let at = end - 1; at >= this.#first && sites.length < depth; at--) sites.push(this.#numbers[at] ?? 0)
    return { sites }
  }
}

/**
 * Inline functions that call chains show although no kernel's stack does, as oracles know them: what happens in them
 * belongs to them and not to their callers.
 */
const shownInline: ReadonlySet<string> = new Set(['of_node_init'])

/** The functions that a kernel's own stack trace would show: without those that its compiler puts into their callers. */
export function chainAt(image: Image, { sites }: Track): ChainFrame[] {
  return callChain(image, sites)
    .filter((frame) => !frame.inline || shownInline.has(frame.function))
    .map((frame) => ({ function: frame.function, file: frame.file, line: frame.line }))
}
