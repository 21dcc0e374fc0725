// SPDX-License-Identifier: GPL-2.0-only

/**
 * The exception that the processor takes where a pointer is followed that leads nowhere. It unwinds the JavaScript stack to
 * the task's entry, where the machine makes an Oops of it.
 */
export class BadAccess extends Error {
  /** Where the access went, in bytes from 0. */
  readonly address: number

  constructor(address: number) {
    super(`access of address ${String(address)}`)
    this.address = address
  }
}

/**
 * Follows a pointer as C does: without a test. NULL is an Oops.
 *
 * @param pointer - the pointer that is about to be followed
 * @param offset - offset of the field that is accessed first, in bytes, as the Oops shows it
 */
export function followPointer<T>(pointer: T | null | undefined, offset = 0): T {
  if (pointer === null || pointer === undefined) throw new BadAccess(offset)
  return pointer
}
