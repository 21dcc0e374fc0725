// SPDX-License-Identifier: GPL-2.0-only
import { fileScope } from '../../machine/machine.ts'

const locks = fileScope(() => ({ debug_locks: true }))

/** `debug_locks` (lib/debug_locks.c, v4.18): true while lock checking is on. */
export function areLocksChecked(): boolean {
  return locks().debug_locks
}

/**
 * Models `debug_locks_off` (lib/debug_locks.c, v4.18): turns lock checking off until the next boot. Called at the first
 * locking error that lockdep reports (suspicious RCU usage does not count), and when memory or the kernel can no longer
 * be trusted.
 *
 * @returns true if lock checking was on
 */
export function debug_locks_off(): boolean {
  const before = locks().debug_locks
  locks().debug_locks = false
  return before
}
