// SPDX-License-Identifier: GPL-2.0-only

/** A function, object, type or macro that a file defines at its top level. */
export interface Definition {
  readonly kind: 'function' | 'object' | 'type' | 'macro'
  /** Its name. Definitions made by a macro include the macro: `SYSCALL_DEFINE3(open)`. */
  readonly name: string
  /** Numbers of its first line (that of the return type, if separate) and its last line, counted from 1. */
  readonly start: number
  readonly end: number
}
