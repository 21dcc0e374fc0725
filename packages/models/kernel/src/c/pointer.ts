// SPDX-License-Identifier: GPL-2.0-only

/**
 * Thrown when code dereferences an invalid pointer. It unwinds the JavaScript stack to the task's entry, where the
 * machine turns it into an Oops.
 */
export class BadAccess extends Error {
  /** The faulting address. */
  readonly address: number

  constructor(address: number) {
    super(`access of address ${String(address)}`)
    this.address = address
  }
}

/**
 * Dereferences a pointer as C does, without a check. NULL is an Oops. `undefined` counts as NULL.
 *
 * @param pointer - the pointer to dereference
 * @param offset - offset in bytes of the first field that is accessed; the Oops shows it as the address
 * @throws BadAccess if the pointer is NULL
 */
export function followPointer<T>(pointer: T | null | undefined, offset = 0): T {
  if (pointer === null || pointer === undefined) throw new BadAccess(offset)
  return pointer
}
