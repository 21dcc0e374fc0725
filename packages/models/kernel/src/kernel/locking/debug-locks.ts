// SPDX-License-Identifier: GPL-2.0-only
import { fileScope } from '../../machine/machine.ts'

const locks = fileScope(() => ({ debug_locks: true }))

/** `debug_locks` (lib/debug_locks.c, v4.18): whether locks are still checked. */
export function areLocksChecked(): boolean {
  return locks().debug_locks
}

/**
 * Models `debug_locks_off` (lib/debug_locks.c, v4.18): after the first report, or once memory or the kernel cannot be
 * trusted any more, locks are not checked until the next boot.
 *
 * @returns true if they were checked until now
 */
export function debug_locks_off(): boolean {
  const before = locks().debug_locks
  locks().debug_locks = false
  return before
}
