// SPDX-License-Identifier: GPL-2.0-only

/** A function, object, type or macro that a file defines at its top level. */
export interface Definition {
  readonly kind: 'function' | 'object' | 'type' | 'macro'
  /** Its name. What a macro defines is named with it: `SYSCALL_DEFINE3(open)`. */
  readonly name: string
  /** Line numbers, from 1, of its first line (the return type, if that has its own line) and its last. */
  readonly start: number
  readonly end: number
}
