// SPDX-License-Identifier: GPL-2.0-only

/** An argument of an RTAS call: a 32-bit word, or a buffer that firmware reads and writes in place. */
export type RtasArgument = number | Uint8Array

/**
 * The firmware of a machine, as the kernel calls it. The kernel reads the token of each RTAS service from `/rtas`. The
 * `powervm` package implements this interface; any object with these methods works.
 */
export interface Firmware {
  /**
   * Calls an RTAS service.
   *
   * @param token - 32-bit value of the service's property in `/rtas`
   * @param args - input words and work areas
   * @returns the return words as signed 32-bit numbers: the status, then the outputs of the service
   */
  rtas(token: number, args: readonly RtasArgument[]): readonly number[]

  /**
   * Calls the hypervisor. Without this method, the machine has no hypervisor calls.
   *
   * @param opcode - number of the call (`H_*`)
   * @returns the status, 0 on success, then the outputs of the call
   */
  hcall?(opcode: number, args: readonly number[]): readonly number[]
}
