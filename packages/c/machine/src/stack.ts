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

/** Maximum number of cached locations, in case a run takes endlessly many. */
const maxKnown = 20_000

/** Deep enough for every call chain of a kernel. For an endless recursion, the innermost part is kept. */
const deepest = 200

/** The stack of sites that the code of an image writes while it runs. */
export class SiteStack {
  readonly #numbers: Int32Array
  readonly #first: number
  readonly #top: { value: number | bigint }
  /**
   * Cache of locations by the hash of their sites: runs take the same few paths many times. One object for each
   * location also lets users cache by location.
   */
  readonly #known = new Map<number, CallSites>()

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
   * The current location of the code. Usually the same object for the same location.
   *
   * @param depth - maximum number of calls to keep, innermost first
   */
  callSites(depth: number = deepest): CallSites {
    const end = this.top >> 2
    const first = Math.max(this.#first, end - depth)
    let hash = end - first
    for (let at = end - 1; at >= first; at--) hash = (Math.imul(hash, 31) + (this.#numbers[at] ?? 0)) | 0
    const known = this.#known.get(hash)
    if (known !== undefined && this.#areAt(known, first, end)) return known
    const made = { sites: Array.from(this.#numbers.subarray(first, end)).reverse() }
    if (this.#known.size >= maxKnown) this.#known.clear()
    this.#known.set(hash, made)
    return made
  }

  #areAt({ sites }: CallSites, first: number, end: number): boolean {
    if (sites.length !== end - first) return false
    for (let index = 0; index < sites.length; index++)
      if (sites[index] !== this.#numbers[end - 1 - index]) return false
    return true
  }
}

/**
 * Inline functions that call chains include, although the kernel's stack traces do not. Oracles attribute events in
 * these functions to the functions themselves and not to their callers.
 */
const shownInline: ReadonlySet<string> = new Set(['of_node_init'])

/** The functions of a kernel's own stack trace: without inlined functions, except those in `shownInline`. */
export function chainAt(image: Image, { sites }: CallSites): ChainFrame[] {
  return callChain(image, sites)
    .filter((frame) => !frame.inline || shownInline.has(frame.function))
    .map((frame) => ({ function: frame.function, file: frame.file, line: frame.line }))
}
