// SPDX-License-Identifier: GPL-2.0-only

/** An argument of an RTAS call: a 32-bit word, or a buffer that firmware reads and writes in place. */
export type RtasArgument = number | Uint8Array

/**
 * The firmware under a machine, as the kernel reaches it: services called by the token that `/rtas` names.
 * Implemented by the `powervm` package; anything of this shape will do.
 */
export interface Firmware {
  /**
   * @param token - 32-bit value of the service's property on `/rtas`
   * @param args - input words and work areas
   * @returns the return words as signed 32-bit numbers: status first, then the service's outputs
   */
  rtas(token: number, args: readonly RtasArgument[]): readonly number[]

  /**
   * A call of the hypervisor. Without this function it knows none.
   *
   * @param opcode - which call (`H_*`)
   * @returns the status, 0 for success, then what the call returns beside it
   */
  hcall?(opcode: number, args: readonly number[]): readonly number[]
}
