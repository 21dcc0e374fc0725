// SPDX-License-Identifier: GPL-2.0-only
import type { Image, ImageFunction } from './image.ts'

/** A place in C that a call chain passes. */
export interface Frame {
  readonly function: string
  readonly file: string
  readonly line: number
  readonly inline: boolean
  /** The structure that the call's result is stored to, at a call that may allocate. */
  readonly allocates: string | null
}

/**
 * The function and line at an offset in the WebAssembly module, as `CallSite.getPosition()` tells it of a frame.
 * Null where the offset is in no function of C.
 */
export function locate(image: Image, position: number): Frame | null {
  const found = functionAt(image, position)
  return found === null ? null : frameIn(image, found, position)
}

/**
 * The call chain of stack positions, innermost first. The wrapper of a watched function stands for the function
 * while that has no frame of its own, and is left out otherwise.
 */
export function callChain(image: Image, positions: readonly number[]): readonly Frame[] {
  const frames: Frame[] = []
  let inner: ImageFunction | null = null
  for (const position of positions) {
    const found = functionAt(image, position)
    if (found === null) continue
    const repeated = found.wrapper && inner?.name === found.name && inner.file === found.file
    if (!repeated) frames.push(frameIn(image, found, position))
    inner = found
  }
  return frames
}

function functionAt(image: Image, position: number): ImageFunction | null {
  const { functions } = image
  let low = 0
  let high = functions.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const candidate = functions[middle]
    if (candidate === undefined) return null
    if (position < candidate.start) high = middle - 1
    else if (position >= candidate.end) low = middle + 1
    else return candidate
  }
  return null
}

function frameIn(image: Image, found: ImageFunction, position: number): Frame {
  const { lines } = found
  const offset = position - found.start
  let low = 0
  let high = lines.length / 4 - 1
  let at = -1
  while (low <= high) {
    const middle = (low + high) >> 1
    if ((lines[middle * 4] ?? 0) <= offset) {
      at = middle
      low = middle + 1
    } else high = middle - 1
  }
  const allocation = at < 0 ? -1 : (lines[at * 4 + 3] ?? -1)
  return {
    function: found.name,
    file: at < 0 ? found.file : (image.files[lines[at * 4 + 2] ?? 0] ?? found.file),
    line: at < 0 ? found.line : (lines[at * 4 + 1] ?? found.line),
    inline: found.inline,
    allocates: image.allocations[allocation] ?? null,
  }
}
