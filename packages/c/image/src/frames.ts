// SPDX-License-Identifier: GPL-2.0-only
import type { Image, ImageFunction } from './image.ts'

/** A frame of a C call chain. */
export interface Frame {
  readonly function: string
  readonly file: string
  readonly line: number
  readonly inline: boolean
  /** Name of the structure that the call allocates; null for calls that allocate none. */
  readonly allocates: string | null
}

/** Function and line of a site; null if there is no such site. */
export function locate(image: Image, site: number): Frame | null {
  const found = functionAt(image, site)
  return found === null ? null : frameIn(image, found, site)
}

/**
 * Converts sites, innermost first, to a call chain in the same order. Sites that belong to no function are left out.
 * The wrapper of a watched function stands for the function until the function has its own frame. After that, the
 * wrapper is left out.
 */
export function callChain(image: Image, sites: readonly number[]): readonly Frame[] {
  const frames: Frame[] = []
  let inner: ImageFunction | null = null
  for (const site of sites) {
    const found = functionAt(image, site)
    if (found === null) continue
    const repeated = found.wrapper && inner?.name === found.name && inner.file === found.file
    if (!repeated) frames.push(frameIn(image, found, site))
    inner = found
  }
  return frames
}

function functionAt({ functions }: Image, site: number): ImageFunction | null {
  let low = 0
  let high = functions.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((functions[middle]?.site ?? 0) <= site) low = middle
    else high = middle - 1
  }
  const found = functions[low]
  return found === undefined || site < found.site || site > found.site + found.lines.length / 3 ? null : found
}

function frameIn(image: Image, found: ImageFunction, site: number): Frame {
  const { name, inline, lines } = found
  const at = (site - found.site - 1) * 3
  return {
    function: name,
    file: image.files[lines[at + 1] ?? -1] ?? found.file,
    line: lines[at] ?? found.line,
    inline,
    allocates: image.allocations[lines[at + 2] ?? -1] ?? null,
  }
}
