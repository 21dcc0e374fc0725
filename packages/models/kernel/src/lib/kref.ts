// SPDX-License-Identifier: GPL-2.0-only
import { refcount_dec_and_test, refcount_inc, refcount_t, setCount } from './refcount.ts'
import { embed, embedded } from '../c/struct.ts'
import { currentMachine } from '../machine/machine.ts'

/** `struct kref` (include/linux/kref.h, v4.18): a reference counter. Users pass a release function to `kref_put`. */
export class kref extends embedded {
  readonly refcount: refcount_t

  constructor(ownerName: () => string) {
    super()
    this.refcount = embed(this, new refcount_t(ownerName))
  }
}

/** Models `kref_init` (include/linux/kref.h, v4.18). The caller owns the initial reference. */
export function kref_init({ refcount }: kref): void {
  setCount(refcount, 1)
}

/** Models `kref_get` (include/linux/kref.h, v4.18): +1. */
export function kref_get({ refcount }: kref): void {
  refcount_inc(refcount)
}

/**
 * Models `kref_put` (include/linux/kref.h, v4.18): -1. Dropping the last reference calls `release`, except in a trial:
 * the object must survive the trial.
 *
 * @returns 1 if this was the last reference, otherwise 0
 */
export function kref_put(kref: kref, release: (kref: kref) => void): number {
  if (!refcount_dec_and_test(kref.refcount)) return 0
  if (currentMachine().trial === null) release(kref)
  return 1
}
