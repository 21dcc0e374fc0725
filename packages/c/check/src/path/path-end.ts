// SPDX-License-Identifier: GPL-2.0-only

/**
 * Reason why a path ended before the entry function returned. `merged`: a state that was seen before. `no-return`: a
 * function that never returns (panic). `null`: a dereference of NULL or an error pointer. `loop`: the bound of a loop.
 * `steps`: the limit of instructions. `depth`: the call stack of JavaScript is full. `broken`: code that cannot be
 * executed.
 */
export type EndReason = 'merged' | 'no-return' | 'null' | 'loop' | 'steps' | 'depth' | 'broken'

/** Thrown to leave a path from any depth. */
export class PathEnd extends Error {
  override readonly name = 'PathEnd'
  readonly reason: EndReason

  constructor(reason: EndReason) {
    super(reason)
    this.reason = reason
  }
}
