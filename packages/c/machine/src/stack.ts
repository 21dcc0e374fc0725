// SPDX-License-Identifier: GPL-2.0-only
import { callChain, type Image } from '@pfo-workbench/image'
import { v8, type CallSite } from './realm.ts'

/** A function of C on the way to some place, with the place of the call. */
export interface ChainFrame {
  readonly function: string
  readonly file: string
  readonly line: number
}

/** Deep enough for every chain of a kernel; of a recursion without end the innermost part is kept. */
const deepest = 200

const keepSites = (_error: unknown, sites: readonly CallSite[]): readonly CallSite[] => sites

/** Where something happened: the calls that led there. */
export interface Track {
  /** Offsets in the WebAssembly module of the calls that led here, innermost first. */
  readonly positions: readonly number[]
}

/** Where nobody was expected to ask. Whoever asks all the same can have the same happen again with tracks. */
export class LackingTrack implements Track {
  /** Whether somebody asked. */
  wanted = false

  get positions(): readonly number[] {
    this.wanted = true
    return []
  }
}

/** A stack that was noted when something happened, and is read when somebody asks: most are never read. */
export class StackTrack implements Track {
  /** V8's notes; `captureStackTrace` puts them here. */
  declare private stack: unknown
  #positions: readonly number[] | null = null

  /** @param depth - JavaScript and C frames to keep, innermost first */
  constructor(depth: number = deepest) {
    v8.stackTraceLimit = depth
    v8.captureStackTrace(this, StackTrack)
  }

  get positions(): readonly number[] {
    this.#positions ??= positionsIn(sitesOf(this))
    return this.#positions
  }

  /** Where an error was thrown. */
  static of(error: Error): Track {
    return { positions: positionsIn(sitesOf(error)) }
  }
}

/** V8 writes a stack out when `stack` is read for the first time, in the form that is asked for then. */
function sitesOf(holder: object): readonly CallSite[] {
  const before = v8.prepareStackTrace
  v8.prepareStackTrace = keepSites
  try {
    const { stack } = holder as { readonly stack?: unknown }
    return Array.isArray(stack) ? (stack as CallSite[]) : []
  } finally {
    v8.prepareStackTrace = before
  }
}

function positionsIn(sites: readonly CallSite[]): number[] {
  const positions: number[] = []
  for (const site of sites) {
    if (site.getFileName()?.startsWith('wasm:') === true) positions.push(site.getPosition())
  }
  return positions
}

/**
 * Inline functions that call chains show although no kernel's stack does, as oracles know them: what happens in them
 * belongs to them and not to their callers.
 */
const shownInline: ReadonlySet<string> = new Set(['of_node_init'])

/** The functions that a kernel's own stack trace would show: without those that its compiler puts into their callers. */
export function chainAt(image: Image, positions: readonly number[]): ChainFrame[] {
  return callChain(image, positions)
    .filter((frame) => !frame.inline || shownInline.has(frame.function))
    .map((frame) => ({ function: frame.function, file: frame.file, line: frame.line }))
}
