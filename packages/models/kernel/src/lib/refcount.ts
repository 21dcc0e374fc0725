// SPDX-License-Identifier: GPL-2.0-only
import type { RefcountFault } from '../machine/events.ts'
import { currentMachine, emitEvent, undoAfterTrial } from '../machine/machine.ts'
import { WARN_ONCE } from '../kernel/panic.ts'
import { embedded } from '../c/struct.ts'

const UINT_MAX = 0xffffffff

/** A reference counter (`include/linux/refcount.h`): an unsigned 32-bit number. */
export class refcount_t extends embedded {
  refs = 0
  /** Returns the name of the counted object, for events. */
  ownerName: () => string

  constructor(ownerName: () => string) {
    super()
    this.ownerName = ownerName
  }
}

/** Sets a counter, modulo 2^32. All changes of counters go through this function, so that a trial can undo them. */
export function setCount(r: refcount_t, refs: number): void {
  const before = r.refs
  undoAfterTrial(() => (r.refs = before))
  r.refs = refs >>> 0
}

function reportFault(r: refcount_t, fault: RefcountFault): void {
  emitEvent('ref.fault', { object: r.ownerName(), fault })
}

function isFull(): boolean {
  return currentMachine().config.refcount === 'full'
}

/**
 * Models `refcount_inc` (lib/refcount.c, v4.18). With full checking, a counter of 0 stays 0, and a counter that reaches
 * UINT_MAX stays there. Each of these two cases warns once per boot. Plain counters wrap from UINT_MAX to 0.
 */
export function refcount_inc(r: refcount_t): void {
  const before = r.refs
  if (before === 0) reportFault(r, 'increment-on-0')
  if (isFull()) {
    if (before === 0) {
      WARN_ONCE(true, 'lib/refcount.c:153', 'refcount_t: increment on 0; use-after-free.\n')
      return
    }
    if (before === UINT_MAX) return
    if (before + 1 === UINT_MAX) {
      reportFault(r, 'saturated')
      WARN_ONCE(true, 'lib/refcount.c:133', 'refcount_t: saturated; leaking memory.\n')
    }
  }
  setCount(r, before + 1)
}

/** Models `refcount_inc_not_zero` (lib/refcount.c, v4.18). Returns false and changes nothing if the counter is 0. */
export function refcount_inc_not_zero(r: refcount_t): boolean {
  if (r.refs === 0) return false
  refcount_inc(r)
  return true
}

/**
 * Models `refcount_add` (lib/refcount.c, v4.18). With full checking, a counter of 0 stays 0, and a counter that reaches
 * or would exceed UINT_MAX stays at UINT_MAX. Each of these two cases warns once per boot. Plain counters wrap modulo
 * 2^32.
 */
export function refcount_add(i: number, r: refcount_t): void {
  const before = r.refs
  if (before === 0) reportFault(r, 'addition-on-0')
  if (isFull()) {
    if (before === 0) {
      WARN_ONCE(true, 'lib/refcount.c:102', 'refcount_t: addition on 0; use-after-free.\n')
      return
    }
    if (before === UINT_MAX) return
    if (before + i >= UINT_MAX) {
      reportFault(r, 'saturated')
      WARN_ONCE(true, 'lib/refcount.c:78', 'refcount_t: saturated; leaking memory.\n')
      setCount(r, UINT_MAX)
      return
    }
  }
  setCount(r, before + i)
}

/**
 * Models `refcount_dec_and_test` (lib/refcount.c, v4.18). With full checking, a counter of 0 stays 0 and warns once per
 * boot, and a saturated counter does not change. Plain counters wrap from 0 to UINT_MAX.
 *
 * @returns true if the counter reached 0
 */
export function refcount_dec_and_test(r: refcount_t): boolean {
  const before = r.refs
  if (before === 0) reportFault(r, 'underflow')
  if (isFull()) {
    if (before === UINT_MAX) return false
    if (before === 0) {
      WARN_ONCE(true, 'lib/refcount.c:187', 'refcount_t: underflow; use-after-free.\n')
      return false
    }
  }
  setCount(r, before - 1)
  return r.refs === 0
}

/**
 * Models `refcount_dec` (lib/refcount.c, v4.18), for callers that know that references remain. If the counter reaches 0
 * all the same, full checking warns once per boot.
 */
export function refcount_dec(r: refcount_t): void {
  if (!refcount_dec_and_test(r)) return
  reportFault(r, 'decrement-hit-0')
  if (isFull()) WARN_ONCE(true, 'lib/refcount.c:228', 'refcount_t: decrement hit 0; leaking memory.\n')
}
