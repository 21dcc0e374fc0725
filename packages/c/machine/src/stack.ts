// SPDX-License-Identifier: GPL-2.0-only
import { callChain, type Image } from '@pfo-workbench/image'

/** A C function in a call chain, with the location of the call. */
export interface ChainFrame {
  readonly function: string
  readonly file: string
  readonly line: number
}

/**
 * A location, as the calls that led there. Most locations are never read, so only numbers are stored. `chainAt` looks
 * up their names.
 */
export interface CallSites {
  /** Sites of the image, innermost first. */
  readonly sites: readonly number[]
}

/** Deep enough for every call chain of a kernel. For an endless recursion, the innermost part is kept. */
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

  /** Top of the stack. Code that unwinds functions resets it. */
  get top(): number {
    return Number(this.#top.value)
  }

  set top(address: number) {
    this.#top.value = address
  }

  /**
   * The current location of the code.
   *
   * @param depth - maximum number of calls to keep, innermost first
   */
  callSites(depth: number = deepest): CallSites {
    const end = this.top >> 2
    const sites: number[] = []
    for (let at = end - 1; at >= this.#first && sites.length < depth; at--) sites.push(this.#numbers[at] ?? 0)
    return { sites }
  }
}

/**
 * Inline functions that call chains include, although the kernel's stack traces do not. Oracles attribute events in
 * these functions to them and not to their callers.
 */
const shownInline: ReadonlySet<string> = new Set(['of_node_init'])

/** The functions of a kernel's own stack trace, that is, without inlined functions. */
export function chainAt(image: Image, { sites }: CallSites): ChainFrame[] {
  return callChain(image, sites)
    .filter((frame) => !frame.inline || shownInline.has(frame.function))
    .map((frame) => ({ function: frame.function, file: frame.file, line: frame.line }))
}
